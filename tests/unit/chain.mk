if HAVE_CMOCKA
# tests of chain
CHAIN_TESTS =
CHAIN_TESTS += tests/unit/test_key
CHAIN_TESTS += tests/unit/test_tx
CHAIN_TESTS += tests/unit/test_state
CHAIN_TESTS += tests/unit/test_proposal
CHAIN_TESTS += tests/unit/test_state_random
CHAIN_TESTS += tests/unit/test_ledger
CHAIN_TESTS += tests/unit/test_verify
CHAIN_TESTS += tests/unit/test_reader
CHAIN_TESTS += tests/crash/test_chain_crash
CHAIN_TESTS += tests/crash/test_chain_crash_disk
CHAIN_TESTS += tests/unit/test_receipt
check_PROGRAMS += $(CHAIN_TESTS)
TESTS += $(CHAIN_TESTS)
CHAIN_TEST_LIBS = $(CHAIN_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
CHAIN_FIXTURE = tests/unit/chain_fixture.c tests/unit/chain_fixture.h
tests_unit_test_key_SOURCES = tests/unit/test_key.c $(CHAIN_FIXTURE)
tests_unit_test_key_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_tx_SOURCES = tests/unit/test_tx.c $(CHAIN_FIXTURE)
tests_unit_test_tx_LDADD = $(CHAIN_TEST_LIBS)
STATE_FIXTURE = tests/unit/state_fixture.c tests/unit/state_fixture.h $(CHAIN_FIXTURE)
tests_unit_test_state_SOURCES = tests/unit/test_state.c $(STATE_FIXTURE)
tests_unit_test_state_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_proposal_SOURCES = tests/unit/test_proposal.c $(STATE_FIXTURE)
tests_unit_test_proposal_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_state_random_SOURCES = tests/unit/test_state_random.c $(STATE_FIXTURE)
tests_unit_test_state_random_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_ledger_SOURCES = tests/unit/test_ledger.c $(CHAIN_FIXTURE)
tests_unit_test_ledger_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_verify_SOURCES = tests/unit/test_verify.c $(CHAIN_FIXTURE)
tests_unit_test_verify_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_receipt_SOURCES = tests/unit/test_receipt.c $(CHAIN_FIXTURE)
tests_unit_test_receipt_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_reader_SOURCES = tests/unit/test_reader.c $(CHAIN_FIXTURE)
tests_unit_test_reader_LDADD = $(CHAIN_TEST_LIBS)
tests_crash_test_chain_crash_SOURCES = tests/crash/test_chain_crash.c $(CHAIN_FIXTURE)
tests_crash_test_chain_crash_LDADD = $(CHAIN_TEST_LIBS)
tests_crash_test_chain_crash_disk_SOURCES = tests/crash/test_chain_crash_disk.c tests/crash/disk_model.c \
	tests/crash/disk_model.h $(CHAIN_FIXTURE)
tests_crash_test_chain_crash_disk_LDADD = $(CHAIN_TEST_LIBS)

KEYSTORE_TESTS = tests/unit/test_keystore tests/unit/test_keystore_files tests/unit/test_batch tests/crash/test_keystore_crash
check_PROGRAMS += $(KEYSTORE_TESTS)
TESTS += $(KEYSTORE_TESTS)
tests_crash_test_keystore_crash_SOURCES = tests/crash/test_keystore_crash.c $(CHAIN_FIXTURE)
tests_crash_test_keystore_crash_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_batch_SOURCES = tests/unit/test_batch.c $(CHAIN_FIXTURE)
tests_unit_test_batch_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_keystore_SOURCES = tests/unit/test_keystore.c $(CHAIN_FIXTURE)
tests_unit_test_keystore_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_keystore_files_SOURCES = tests/unit/test_keystore_files.c $(CHAIN_FIXTURE)
tests_unit_test_keystore_files_LDADD = $(CHAIN_TEST_LIBS)

CHAIN_TAMPER_TESTS = tests/unit/test_tamper tests/unit/test_tamper_bits
check_PROGRAMS += $(CHAIN_TAMPER_TESTS)
TESTS += $(CHAIN_TAMPER_TESTS)
CHAIN_TAMPER = tests/unit/tamper_chain.c tests/unit/tamper_chain.h
tests_unit_test_tamper_SOURCES = tests/unit/test_tamper.c $(CHAIN_TAMPER)
tests_unit_test_tamper_LDADD = $(CHAIN_TEST_LIBS)
tests_unit_test_tamper_bits_SOURCES = tests/unit/test_tamper_bits.c $(CHAIN_TAMPER)
tests_unit_test_tamper_bits_LDADD = $(CHAIN_TEST_LIBS)
endif
