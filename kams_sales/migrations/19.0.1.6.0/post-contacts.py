def migrate(cr, version):
    """Contacts recorded so far keep counting: nobody can tell any more which of them were planned."""
    cr.execute("UPDATE kams_comm_log SET is_planned = TRUE WHERE is_planned IS NULL")
