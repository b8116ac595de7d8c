from django.db import migrations

# The history of orders is append-only, also for the application. Erasure may blank words that a person wrote into it
# (why they cancelled) and their account's id, only of orders whose tie to the person is cut already (docs/privacy.md).
FORWARDS = """
CREATE FUNCTION ordering_forget_words(orders uuid[], person uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_append_only_9fe53}', true);
    UPDATE ordering_ordertransition AS step
    SET reason = '', actor = CASE WHEN step.actor = 'user:' || person THEN 'customer' ELSE step.actor END
    FROM ordering_order AS cut
    WHERE cut.id = step.order_id AND cut.id = ANY (orders) AND cut.customer_id IS NULL AND cut.contact_email = ''
        AND (step.actor IN ('customer', 'guest') OR step.actor = 'user:' || person)
        AND (step.reason <> '' OR step.actor = 'user:' || person);
    GET DIAGNOSTICS changed = ROW_COUNT;
    PERFORM set_config('pgtrigger.ignore', '{}', true);
    RETURN changed;
END $$;
REVOKE ALL ON FUNCTION ordering_forget_words(uuid[], uuid) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("ordering", "0005_pre_cancel_note")]

    operations = [migrations.RunSQL(FORWARDS, "DROP FUNCTION ordering_forget_words(uuid[], uuid)")]
