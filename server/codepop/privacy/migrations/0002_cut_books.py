from django.db import migrations

# What is older than seven years goes, also from tables that nobody may change, the application's role included. The
# database's own clock judges the age, so that no mistake in the application can cut younger books (docs/privacy.md).
FORWARDS = """
CREATE FUNCTION privacy_cut_orders(older timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    firsts uuid[];
    gone uuid[];
BEGIN
    IF older > now() - interval '7 years' THEN
        RAISE EXCEPTION 'orders are kept for seven years' USING ERRCODE = 'check_violation';
    END IF;
    SELECT array_agg(id) INTO firsts FROM (
        SELECT first.id FROM ordering_order AS first
        WHERE first.created_at < older AND first.remake_of_id IS NULL
            AND first.status NOT IN ('payment_pending', 'paid', 'queued', 'preparing', 'ready')
            AND NOT EXISTS (
                SELECT 1 FROM ordering_order AS again WHERE again.remake_of_id = first.id AND again.created_at >= older
            )
        ORDER BY first.id LIMIT most
    ) AS old;
    IF firsts IS NULL THEN
        RETURN 0;
    END IF;
    SELECT array_agg(id) INTO gone FROM ordering_order WHERE id = ANY (firsts) OR remake_of_id = ANY (firsts);
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_append_only_9fe53,pgtrigger_sold_stays_4aa6b}', true);
    DELETE FROM aftersales_batchitem WHERE order_id = ANY (gone);
    DELETE FROM aftersales_amendsdrink USING aftersales_amends AS made
        WHERE made.id = amends_id AND (made.order_id = ANY (gone) OR made.remake_id = ANY (gone));
    DELETE FROM aftersales_amends WHERE order_id = ANY (gone) OR remake_id = ANY (gone);
    UPDATE fulfilment_deviceevent SET ticket_id = NULL
        WHERE ticket_id IN (SELECT id FROM fulfilment_ticket WHERE order_id = ANY (gone));
    DELETE FROM fulfilment_doorcommand USING fulfilment_dooruse AS used, fulfilment_ticket AS ticket
        WHERE used.id = use_id AND ticket.id = used.ticket_id AND ticket.order_id = ANY (gone);
    DELETE FROM fulfilment_dooruse USING fulfilment_ticket AS ticket
        WHERE ticket.id = ticket_id AND ticket.order_id = ANY (gone);
    DELETE FROM fulfilment_ticket WHERE order_id = ANY (gone);
    DELETE FROM inventory_reservation WHERE reference = ANY (gone);
    DELETE FROM ordering_ordertransition WHERE order_id = ANY (gone);
    DELETE FROM ordering_orderline WHERE order_id = ANY (gone);
    DELETE FROM ordering_order WHERE id = ANY (gone);
    PERFORM set_config('pgtrigger.ignore', '{}', true);
    RETURN array_length(firsts, 1);
END $$;
REVOKE ALL ON FUNCTION privacy_cut_orders(timestamptz, integer) FROM PUBLIC;

CREATE FUNCTION privacy_cut_ledger(older timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    gone uuid[];
BEGIN
    IF older > now() - interval '7 years' THEN
        RAISE EXCEPTION 'books are kept for seven years' USING ERRCODE = 'check_violation';
    END IF;
    SELECT array_agg(id) INTO gone FROM (
        SELECT one.id FROM payments_payment AS one
        WHERE one.created_at < older AND NOT EXISTS (
            SELECT 1 FROM payments_ledgertransaction AS booked
            WHERE booked.payment_id = one.id AND booked.happened_at >= older
        )
        ORDER BY one.id LIMIT most
    ) AS old;
    IF gone IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_append_only_94ee6,pgtrigger_append_only_9c7fe}', true);
    DELETE FROM payments_ledgerentry USING payments_ledgertransaction AS booked
        WHERE booked.id = transaction_id AND booked.payment_id = ANY (gone);
    DELETE FROM payments_ledgertransaction WHERE payment_id = ANY (gone);
    DELETE FROM payments_refund WHERE payment_id = ANY (gone);
    DELETE FROM payments_dispute WHERE payment_id = ANY (gone);
    DELETE FROM payments_guardmark WHERE payment_id = ANY (gone);
    DELETE FROM payments_reconciliationbreak WHERE payment_id = ANY (gone);
    UPDATE payments_payoutline SET payment_id = NULL WHERE payment_id = ANY (gone);
    DELETE FROM payments_payment WHERE id = ANY (gone);
    PERFORM set_config('pgtrigger.ignore', '{}', true);
    RETURN array_length(gone, 1);
END $$;
REVOKE ALL ON FUNCTION privacy_cut_ledger(timestamptz, integer) FROM PUBLIC;
"""

BACKWARDS = """
DROP FUNCTION privacy_cut_orders(timestamptz, integer);
DROP FUNCTION privacy_cut_ledger(timestamptz, integer);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0001_initial"),
        ("aftersales", "0001_initial"),
        ("fulfilment", "0001_initial"),
        ("inventory", "0001_initial"),
        ("ordering", "0006_forget_words"),
        ("payments", "0005_dispute_differs"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
