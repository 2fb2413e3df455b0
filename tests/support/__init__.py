"""What the flow and chaos tests share: people at work in both systems, activation, the invariant checker."""
