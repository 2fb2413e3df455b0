-- migrate:up
-- Identities are found by keyed hashes of their normal forms; numbers that are kept for ever are kept as such hashes only.
-- The hashing needs the key, so the service reads what is stored again at its next start: rows of forms_version 0, and
-- number keys that are still ten digits. Until then it decides nothing for the connection.

CREATE TABLE hash_secret (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    sealed  bytea   NOT NULL
);

ALTER TABLE connection ADD COLUMN forms_version integer NOT NULL DEFAULT 0;

-- ladder_keys: what the rungs look up. likeness_keys: what candidates for a review are found by. digest: of the normal form.
ALTER TABLE company_identity
    ADD COLUMN forms_version integer  NOT NULL DEFAULT 0,
    ADD COLUMN digest        bigint   NOT NULL DEFAULT 0,
    ADD COLUMN ladder_keys   bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN likeness_keys bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN is_waiting    boolean  NOT NULL DEFAULT false;
UPDATE company_identity SET is_waiting = true
  FROM decision
 WHERE decision.connection_id = company_identity.connection_id AND decision.company_id = company_identity.company_id
   AND kind = 'review';
DROP INDEX company_identity_number;
ALTER TABLE company_identity DROP COLUMN organisation_number_normal, DROP COLUMN number_state;
CREATE INDEX company_identity_forms ON company_identity (forms_version);
-- fastupdate would have every look-up read a list of what was added last.
CREATE INDEX company_identity_keys ON company_identity USING gin (ladder_keys, likeness_keys) WITH (fastupdate = off);
-- Few wait for a person; they are decided again when a customer changes that is merely alike.
CREATE INDEX company_identity_waiting ON company_identity USING gin (likeness_keys) WITH (fastupdate = off) WHERE is_waiting;

-- `customer` is json for the reason that `company` is.
ALTER TABLE customer_identity
    ADD COLUMN customer      json,
    ADD COLUMN forms_version integer  NOT NULL DEFAULT 0,
    ADD COLUMN digest        bigint   NOT NULL DEFAULT 0,
    ADD COLUMN ladder_keys   bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN likeness_keys bigint[] NOT NULL DEFAULT '{}';
UPDATE customer_identity
   SET customer = json_build_object('customer_number', customer_number, 'name', '',
                                    'organisation_number', organisation_number_normal);
ALTER TABLE customer_identity ALTER COLUMN customer SET NOT NULL;
DROP INDEX customer_identity_number;
ALTER TABLE customer_identity DROP COLUMN organisation_number_normal;
CREATE INDEX customer_identity_forms ON customer_identity (forms_version);
CREATE INDEX customer_identity_keys ON customer_identity USING gin (ladder_keys, likeness_keys) WITH (fastupdate = off);

ALTER TABLE number_claim RENAME COLUMN organisation_number_normal TO number_key;
ALTER TABLE decision RENAME COLUMN settled_number TO settled_number_key;
-- settled_evidence: of the match, per field. ranked: a review's candidates with odds and evidence, best first.
ALTER TABLE decision
    ADD COLUMN settled_evidence jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN ranked           jsonb NOT NULL DEFAULT '[]';

-- What a person decided: this company is that customer. The newest word about either counts.
CREATE TABLE approval (
    connection_id   uuid   NOT NULL,
    company_id      text   NOT NULL,
    customer_number text   NOT NULL,
    version         bigint NOT NULL,
    PRIMARY KEY (connection_id, company_id),
    UNIQUE (connection_id, customer_number)
);

-- migrate:down
-- Numbers that were kept as hashes do not come back: the columns are those of before, the claims are a back-up's.
DROP TABLE approval, hash_secret;
ALTER TABLE decision DROP COLUMN settled_evidence, DROP COLUMN ranked;
ALTER TABLE decision RENAME COLUMN settled_number_key TO settled_number;
ALTER TABLE number_claim RENAME COLUMN number_key TO organisation_number_normal;
ALTER TABLE customer_identity
    DROP COLUMN customer, DROP COLUMN forms_version, DROP COLUMN digest, DROP COLUMN ladder_keys, DROP COLUMN likeness_keys,
    ADD COLUMN organisation_number_normal text;
CREATE INDEX customer_identity_number ON customer_identity (connection_id, organisation_number_normal);
ALTER TABLE company_identity
    DROP COLUMN forms_version, DROP COLUMN digest, DROP COLUMN ladder_keys, DROP COLUMN likeness_keys, DROP COLUMN is_waiting,
    ADD COLUMN organisation_number_normal text, ADD COLUMN number_state text NOT NULL DEFAULT 'missing';
CREATE INDEX company_identity_number ON company_identity (connection_id, organisation_number_normal);
ALTER TABLE connection DROP COLUMN forms_version;
