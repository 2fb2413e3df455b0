-- One login role and one schema per service: a role owns its schema, and sees no other service's.
--
-- Run by a superuser in the system's database, as often as you like: `devstack` does, and `init.sh` in the container.
-- Passwords are psql variables (psql -v matcher_password=...). Plain SQL otherwise, for devstack runs it without psql.
-- Names of other schemas' tables can still be read in the catalogue, as always in Postgres; their rows cannot.

DO $$
DECLARE
    service text;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());

    FOREACH service IN ARRAY ARRAY['limego_connector', 'fortnox_connector', 'matcher', 'sync_coordinator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = service) THEN
            EXECUTE format('CREATE ROLE %I', service);
        END IF;
        EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', service);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), service);
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', service, service);
        EXECUTE format('ALTER ROLE %I SET search_path = %I', service, service);
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

ALTER ROLE limego_connector PASSWORD :'limego_connector_password';
ALTER ROLE fortnox_connector PASSWORD :'fortnox_connector_password';
ALTER ROLE matcher PASSWORD :'matcher_password';
ALTER ROLE sync_coordinator PASSWORD :'sync_coordinator_password';
