-- migrate:up
ALTER TABLE invoice
    -- The company on whose tab it was shown last: it stays there when its customer is another one without a link.
    ADD COLUMN shown_company_id text,
    -- Of a credit note: the invoice that it credits, and by how much, which is nothing before it is booked.
    ADD COLUMN credits_number text NOT NULL DEFAULT '',
    ADD COLUMN credits_amount numeric NOT NULL DEFAULT 0;

UPDATE invoice SET
    credits_number = body::jsonb ->> 'credit_reference',
    credits_amount = CASE WHEN (body::jsonb ->> 'is_booked')::boolean AND NOT (body::jsonb ->> 'is_cancelled')::boolean
        THEN -(body::jsonb ->> 'amount')::numeric ELSE 0 END
WHERE (body::jsonb ->> 'is_credit_note')::boolean AND coalesce(body::jsonb ->> 'credit_reference', '') <> '';

UPDATE invoice SET overdue_after = 'infinity' WHERE (body::jsonb ->> 'balance')::numeric <= 0;

-- Where its last command put it; whatever may be shown wrongly is shown again.
UPDATE invoice SET shown_company_id = (
    SELECT command.company_id FROM command
    WHERE command.connection_id = invoice.connection_id AND command.kind = 'erp_invoice'
      AND command.record_key = invoice.document_number
    ORDER BY sent_at DESC LIMIT 1)
WHERE sent_digest IS NOT NULL;
UPDATE invoice SET shown_company_id = link.company_id FROM link
WHERE sent_digest IS NOT NULL AND shown_company_id IS NULL
  AND link.connection_id = invoice.connection_id AND link.customer_number = invoice.customer_number;
UPDATE invoice SET is_due = true
WHERE sent_digest IS NOT NULL AND (
    body::jsonb ->> 'credit_reference' IS NOT NULL
    OR (body::jsonb ->> 'balance')::numeric <> (body::jsonb ->> 'amount')::numeric
    OR NOT EXISTS (
        SELECT FROM link WHERE link.connection_id = invoice.connection_id AND link.customer_number = invoice.customer_number));

CREATE INDEX invoice_that_credits ON invoice (connection_id, credits_number) WHERE credits_number <> '';
DROP INDEX invoice_turning_overdue;
CREATE INDEX invoice_turning_overdue ON invoice (overdue_after)
    WHERE shown_status IN ('due', 'partly_paid', 'partly_credited');

-- migrate:down
DROP INDEX invoice_turning_overdue;
CREATE INDEX invoice_turning_overdue ON invoice (overdue_after) WHERE shown_status = 'due';
DROP INDEX invoice_that_credits;
ALTER TABLE invoice DROP COLUMN credits_amount, DROP COLUMN credits_number, DROP COLUMN shown_company_id;
