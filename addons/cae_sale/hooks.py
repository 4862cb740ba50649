def uninstall_hook(env):
    """Quotations outlive the addon, with what they sell."""
    kept = env["ir.model.data"].search(
        [
            ("module", "=", "cae_sale"),
            ("model", "in", ("product.product", "product.template")),
        ]
    )
    kept.unlink()
