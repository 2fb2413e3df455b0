#!/usr/bin/env bash
# Run once by the postgres image, as /docker-entrypoint-initdb.d/init.sh, with roles.sql mounted as /roles.sql.
set -euo pipefail

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set limego_connector_password="${LIMEGO_CONNECTOR_DB_PASSWORD:?is not set}" \
    --set fortnox_connector_password="${FORTNOX_CONNECTOR_DB_PASSWORD:?is not set}" \
    --set matcher_password="${MATCHER_DB_PASSWORD:?is not set}" \
    --set sync_coordinator_password="${SYNC_COORDINATOR_DB_PASSWORD:?is not set}" \
    --file "${ROLES_SQL:-/roles.sql}"
