# Man pages.
dist_man_MANS += man/morphsmith.1 man/morphsmith-arch.5 man/morphsmith-chain.5 man/morphsmith-workspace.5
