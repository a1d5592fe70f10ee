-- Run as the database's superuser: psql --file postgresql.sql
-- The account of the units logs in under its own name through the socket («peer» in pg_hba.conf), without a password.
CREATE ROLE meterbox LOGIN CONNECTION LIMIT 50;
CREATE DATABASE meterbox OWNER meterbox ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE meterbox FROM PUBLIC;

-- A confirmed commit survives a power failure, even if other roles have other settings.
ALTER ROLE meterbox IN DATABASE meterbox SET synchronous_commit = 'on';
-- A wait for a lock fails after this time, and the program tries again.
ALTER ROLE meterbox IN DATABASE meterbox SET lock_timeout = '30s';
-- The session of a stuck program ends and releases its locks.
ALTER ROLE meterbox IN DATABASE meterbox SET idle_in_transaction_session_timeout = '15min';
