"""Who may know what a deal leaves us, where we stop and what competitors ask: everybody of ours but who delivers."""

INSIDERS = ",".join(f"kams_sales.group_{name}" for name in ("salesperson", "bid_desk", "legal", "finance", "auditor"))
