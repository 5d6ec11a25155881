# Unit tests: one fragment a floor. A test program is tests/unit/NAME.c, listed in its floor's fragment.
include tests/unit/base.mk
include tests/unit/data.mk
include tests/unit/net.mk
include tests/unit/train.mk
include tests/unit/search.mk
include tests/unit/chain.mk
include tests/unit/store.mk
include tests/unit/work.mk
include tests/unit/ui.mk
