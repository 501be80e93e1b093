#!/bin/sh
# Runs once, when the data folder is empty: two roles and the database that the owner owns.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$PORTFOLIO_OWNER_PASSWORD" --set app_password="$PORTFOLIO_APP_PASSWORD" <<'SQL'
CREATE ROLE portfolio_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE portfolio_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE DATABASE portfolio OWNER portfolio_owner;
SQL
