-- migrate:up
-- Creates that were taken back before it was noted. Apart from the new column, whose lock would last as long as this does.

UPDATE command SET withdrawn_at = sent_at FROM record
WHERE command.finished_at IS NULL AND command.withdrawn_at IS NULL
  AND record.connection_id = command.connection_id AND record.kind = command.kind AND record.record_key = command.record_key
  AND record.command_id = command.command_id
  AND (record.is_reopened AND record.remote_id IS NULL OR record.kind = 'customer' AND record.note = 'company_removed');

-- migrate:down
-- What is known of commands stays: the version before knows the column, too.
SELECT 1;
