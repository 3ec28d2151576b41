-- Runs after the migrations in `supabase start` and `supabase db reset`; the embedded stack does not run it.
--
-- Rundown needs no rows to begin with: accounts sign up on the page, and models and runs belong to an account. The
-- demo's account and runs are made by `make run` in embedded mode, through the same API as everyone's.

-- The REST server keeps the schema it first saw; tell it that the migrations have made tables since.
notify pgrst, 'reload schema';
