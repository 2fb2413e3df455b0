"""All SQL of this slice. Functions take the unit's connection; whoever decides has locked the connection's row first."""
