-- migrate:up
-- A person's word about a company without a customer number: it is none of those that are alike, and is to be created.
ALTER TABLE approval ALTER COLUMN customer_number DROP NOT NULL;

-- migrate:down
DELETE FROM approval WHERE customer_number IS NULL;
ALTER TABLE approval ALTER COLUMN customer_number SET NOT NULL;
