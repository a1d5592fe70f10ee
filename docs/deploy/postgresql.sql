-- As the database's superuser: psql --file postgresql.sql
-- The account of the units logs in by its own name through the socket («peer» in pg_hba.conf): no password is kept.
CREATE ROLE meterbox LOGIN CONNECTION LIMIT 50;
CREATE DATABASE meterbox OWNER meterbox ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE meterbox FROM PUBLIC;

-- A commit that was confirmed outlasts a power cut, whatever is set for others.
ALTER ROLE meterbox IN DATABASE meterbox SET synchronous_commit = 'on';
-- Who waits this long for a lock is told so, and tries again.
ALTER ROLE meterbox IN DATABASE meterbox SET lock_timeout = '30s';
-- The session of a program that hangs gives its locks back.
ALTER ROLE meterbox IN DATABASE meterbox SET idle_in_transaction_session_timeout = '15min';
