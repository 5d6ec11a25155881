#!/bin/sh
# Four parties on one chain: Ada is honest, Bob makes false claims, Cyn attests without training anything, Dan signs two votes
# for one place. Each has a workspace, an identity and a copy of the chain; what they exchange are files in a shared folder.
# At the end each must own exactly what the rules say, worked out here from the rules: exit status 0 only if so.
#
#   four_parties.sh                           all of it, in a folder of its own
#   four_parties.sh --in FOLDER --step NAME   one step of it (the tour of the workbench does it so): parties work claim
#                                             refuted disputed doubled account end
#
# MORPHSMITH and LIAR name the programs. When the process that FOUR_PARTIES_OWNER names has ended (for the whole: this shell),
# so do the followers. The parties lie through a program of its own, liar: morphsmith has no way to.
set -u

MORPHSMITH=${MORPHSMITH:-morphsmith}
LIAR=${LIAR:-liar}
PARTIES="ada bob cyn dan"
PATIENCE=${PATIENCE:-120} # seconds for anything to happen
OWNER=${FOUR_PARTIES_OWNER:-}
FOLDER= STEP=
while [ $# -gt 0 ]; do
    case $1 in
    --in) FOLDER=$2; shift 2 ;;
    --step) STEP=$2; shift 2 ;;
    *) echo "usage: four_parties.sh [--in FOLDER] [--step NAME]" >&2; exit 2 ;;
    esac
done

[ -n "$STEP" ] || OWNER=$$

# --- the rules of this chain -------------------------------------------------------------------------------------------

SUPPLY=1000000 BALANCE=230000 # of each
STAKE_ada=30000 STAKE_bob=20000 STAKE_cyn=10000 STAKE_dan=20000
MIN_FEE=1 MISSED_PPM=100000 FINDER_PPM=500000 DOUBLE_PPM=50000 ATTEST_PPM=20000 DEPOSIT_PPM=100000
COMMIT_BLOCKS=4 REVEAL_BLOCKS=4
POOL=8000 MIN_IMPROVEMENT_PPM=1000 FULL_PAY_PPM=100000
CLAIM_STAKE=1000 FALSE_STAKE=2000 LEAF_STAKE=4000 DEPOSIT=400

# --- tools ---------------------------------------------------------------------------------------------------------------

fail() {
    echo "four_parties: $*" >&2
    exit 1
}

# A command as it could be typed, with the beginnings of ids.
show() { echo "$*" | sed "s|$FOLDER/||g; s/ --passphrase-fd 3//; s/\([0-9a-f]\{12\}\)[0-9a-f]\{52\}/\1/g; s/\(ms1[0-9a-f]\{9\}\)[0-9a-f]*/\1/g"; }

# Shown, and its output only where it fails.
as() {
    who=$1
    shift
    show "$who\$ morphsmith $*"
    XDG_DATA_HOME="$FOLDER/$who" "$MORPHSMITH" -w "$FOLDER/$who/ws" "$@" >"$FOLDER/$who/out" 2>&1 || {
        cat "$FOLDER/$who/out" >&2
        fail "$who: $*"
    }
}

# With the passphrase that all of this scenario's keys have.
sign() {
    who=$1
    shift
    as "$who" "$@" --passphrase-fd 3 3<<END
demo
END
}

lie() {
    who=$1
    shift
    show "$who\$ liar $*"
    XDG_DATA_HOME="$FOLDER/$who" "$LIAR" "$@" || fail "$who: the lie $* was not told"
}

ask() {
    who=$1
    shift
    XDG_DATA_HOME="$FOLDER/$who" "$MORPHSMITH" -w "$FOLDER/$who/ws" "$@" 2>/dev/null
}

remember() { echo "$2" >"$FOLDER/note.$1"; }
recall() { cat "$FOLDER/note.$1"; }

# until_true WHAT COMMAND...: polls.
until_true() {
    what=$1 left=$((PATIENCE * 5))
    shift
    until "$@"; do
        left=$((left - 1))
        [ -z "$OWNER" ] || kill -0 "$OWNER" 2>/dev/null || fail "whoever began this is gone"
        [ $left -gt 0 ] || fail "waited in vain until $what"
        sleep 0.2
    done
}

# Of a party's account, as its own copy of the chain has it: balance, stake, nonce.
account() {
    ask "$1" chain status | awk -v a="$(recall "address.$2")" '$1 == a { gsub(",", ""); print $2, $3, $4; exit }'
}
balance_of() { account ada "$1" | cut -d' ' -f1; }
stake_of() { account ada "$1" | cut -d' ' -f2; }
nonce_of() { account ada "$1" | cut -d' ' -f3; }

head_of() { ask "$1" chain status | sed -n 's/^chain demo, height \([0-9]*\), head \(.*\)$/\1 \2/p'; }
pool_of() { ask "$1" chain status | awk '/^waiting for a block/ { on = 1; next } on && NF { n++ } END { print (n > 1 ? n - 1 : 0) }'; }
same_heads() {
    one=$(head_of ada)
    for who in bob cyn; do
        [ "$(head_of $who)" = "$one" ] || return 1
    done
}
nothing_waits() {
    for who in $PARTIES; do
        [ "$(pool_of "$who")" = 0 ] || return 1
    done
}
settled() { nothing_waits && same_heads; }
settle() { until_true "all have the same head and nothing waits" settled; }

state_of() { ask ada chain show "$1" | awk '$1 == "state" { print $2; exit }'; }
is_state() { [ "$(state_of "$1")" = "$2" ]; }
stage_of() { ask ada chain show "$1" | sed -n 's/^stage  *//p'; }
is_stage() { stage_of "$1" | grep -q "$2"; }
sees() { ask "$1" chain show "$2" >/dev/null; }
proposal_number() { ask ada chain status --json | sed -n 's/^ *"proposal": "\([0-9a-f]*\)".*/\1/p' | sed -n "$1p"; }

# A block holds what was sent before the next thing is done.
sign_and_settle() {
    sign "$@"
    settle
}

# A window of blocks ends with blocks, and a block needs a transaction: two, so that what is moved comes back.
ticks() {
    for i in $(seq "$1"); do
        sign_and_settle dan chain transfer "$(recall address.ada)" 1
        sign_and_settle ada chain transfer "$(recall address.dan)" 1
    done
}

# --- the steps -------------------------------------------------------------------------------------------------------------

follow() {
    who=$1
    XDG_DATA_HOME="$FOLDER/$who" "$MORPHSMITH" -w "$FOLDER/$who/ws" chain follow "$FOLDER/share" --publish "$FOLDER/share/$who" \
        --key "$who" --every 0.1 --timeout 3 --idle 100000 --for 1800 ${OWNER:+--while "$OWNER"} --json --passphrase-fd 3 >"$FOLDER/$who/follow.log" 2>&1 3<<END &
demo
END
    echo $! >"$FOLDER/$who/follow.pid"
    echo "$who\$ morphsmith chain follow share --publish share/$who --key $who &"
}

# Until it has ended: it writes to the folder until then.
unfollow() {
    who=$1
    [ -s "$FOLDER/$who/follow.pid" ] || return 0
    pid=$(cat "$FOLDER/$who/follow.pid")
    rm -f "$FOLDER/$who/follow.pid"
    kill "$pid" 2>/dev/null || return 0
    wait "$pid" 2>/dev/null # where it is this shell's own
    until_true "the program of $who ends" is_gone "$pid"
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }

party() {
    who=$1
    mkdir -p "$FOLDER/$who/morphsmith/keys" && chmod 700 "$FOLDER/$who/morphsmith/keys"
    XDG_DATA_HOME="$FOLDER/$who" "$MORPHSMITH" init "$FOLDER/$who/ws" >/dev/null || fail "no workspace for $who"
    lie "$who" key "$who"
    ask "$who" key show "$who" --json >"$FOLDER/$who/key.json"
    remember "address.$who" "$(sed -n 's/.*"address": *"\([^"]*\)".*/\1/p' "$FOLDER/$who/key.json")"
    remember "public.$who" "$(sed -n 's/.*"public_key": *"\([^"]*\)".*/\1/p' "$FOLDER/$who/key.json")"
    [ -n "$(recall "public.$who")" ] || fail "no public key of $who"
}

genesis() {
    echo "morphsmith-genesis 1
name demo
supply $SUPPLY
min_fee $MIN_FEE
missed_ppm $MISSED_PPM
finder_ppm $FINDER_PPM
commit_blocks $COMMIT_BLOCKS
commit_seconds 0
reveal_blocks $REVEAL_BLOCKS
reveal_seconds 0
expiry_seconds 0
dispute_seconds 0
unbonding_seconds 0
double_ppm $DOUBLE_PPM
attest_ppm $ATTEST_PPM
deposit_ppm $DEPOSIT_PPM"
    for who in $PARTIES; do
        eval "stake=\$STAKE_$who"
        echo "holder $(recall "public.$who") $BALANCE"
        echo "validator $(recall "public.$who") $(recall "public.$who") $stake"
    done
}

# Who claims or owns a task has the market; who only checks needs no more than the chain.
step_parties() {
    mkdir -p "$FOLDER/share"
    for who in $PARTIES; do
        party "$who"
    done
    genesis >"$FOLDER/genesis.txt"
    as ada chain init --genesis "$FOLDER/genesis.txt"
    for who in bob cyn dan; do
        as "$who" chain join "$FOLDER/ada/ws"
    done
    as ada synth planted "$FOLDER/market.csv" --bars 1200
    for who in ada bob dan; do
        as "$who" data add "$FOLDER/market.csv"
        as "$who" task set --horizon 1 --lookback 16 --folds 2
    done
    as ada arch new mlp --width 8
    as bob arch new mlp --width 5
    as bob arch new tcn --width 4 --depth 1
    for who in bob cyn dan; do # so that Ada's screens have their names
        as "$who" key export --out "$FOLDER/$who.pub"
        as ada key import "$FOLDER/$who.pub"
    done
    for who in $PARTIES; do
        follow "$who"
    done
}

step_work() {
    sign_and_settle dan chain task --pool $POOL --reviewers "$(recall address.dan)" --approvals 1 --epochs 64 --patience 0
}

# Ada claims what is true. Bob and Dan train it again; Cyn guesses.
step_claim() {
    as ada chain propose mlp --stake $CLAIM_STAKE --train
    sign_and_settle ada chain propose mlp --stake $CLAIM_STAKE
    sign_and_settle ada chain propose mlp --stake $CLAIM_STAKE
    remember honest "$(proposal_number 1)"
    p=$(recall honest)
    until_true "all see the claim" is_state "$p" claimed
    lie cyn guess "$FOLDER/cyn/ws" "$p"
    for who in bob cyn dan; do
        sign_and_settle $who chain attest "$p"
    done
    sign_and_settle ada chain open "$p"
    for who in bob cyn dan; do
        sign $who chain attest "$p"
    done
    settle
    until_true "Ada's claim is verified" is_stage "$p" "^verified"
    sign_and_settle dan chain approve "$p" --reason "re-run here: the same bits" --rerun
    until_true "Ada's claim is accepted" is_state "$p" accepted
}

# Bob says that forty more directions were right. Cyn copies what Ada committed to, which nobody but Ada can reveal.
step_refuted() {
    as bob chain propose mlp --stake $FALSE_STAKE --train
    lie bob claim "$FOLDER/bob/ws" mlp 40 0 $FALSE_STAKE bob
    settle
    sign_and_settle bob chain propose mlp --stake $FALSE_STAKE
    remember false "$(proposal_number 2)"
    p=$(recall false)
    sign_and_settle ada chain attest "$p"
    lie cyn copy "$FOLDER/cyn/ws" "$p" cyn
    settle
    sign_and_settle dan chain attest "$p"
    sign_and_settle bob chain open "$p"
    for who in ada dan; do
        sign $who chain attest "$p"
    done
    settle
    ticks 3
    until_true "Bob's claim is refuted" is_state "$p" refuted
}

# Bob leaves out the work between two leaves and makes up the hash. Only Cyn, with whom he shares, attests; then one honest
# party is enough: the dispute is about one interval, which every validator does again before it votes.
step_disputed() {
    as bob chain propose tcn --stake $LEAF_STAKE --train
    lie bob claim "$FOLDER/bob/ws" tcn 60 2 $LEAF_STAKE bob
    settle
    sign_and_settle bob chain propose tcn --stake $LEAF_STAKE
    remember leaf "$(proposal_number 3)"
    p=$(recall leaf)
    lie cyn collude "$FOLDER/cyn/ws" "$p" "$FOLDER/bob/ws"
    sign_and_settle cyn chain attest "$p"
    ticks 2
    sign_and_settle bob chain open "$p"
    sign_and_settle cyn chain attest "$p"
    until_true "Bob's claim is verified by Cyn alone" is_stage "$p" "^verified"
    sign_and_settle ada chain challenge "$p" --deposit $DEPOSIT
    c=$(ask ada chain disputes --json | sed -n 's/^ *"challenge": "\([0-9a-f]*\)".*/\1/p' | sed -n 1p)
    remember challenge "$c"
    sign_and_settle ada chain verdict "$c"
    until_true "the claim is refuted by the dispute" is_state "$p" refuted
}

# Dan's own program would never do it: the guard beside his key refuses. So he uses another.
step_doubled() {
    unfollow dan
    lie dan votes "$FOLDER/dan/ws" dan "$FOLDER/share/dan"
    until_true "Ada has met both votes" has_evidence
    sign_and_settle ada chain evidence --send
    until_true "Dan is barred" is_barred dan
    follow dan
}
has_evidence() { ask ada chain evidence | grep -q "$(recall address.dan | cut -c1-12)"; }
is_barred() { ! ask ada chain status --json | grep -q "\"voting_key\": \"$(recall "public.$1")\""; }

# --- what each must own now ------------------------------------------------------------------------------------------------

part() { echo $(($1 * $2 / 1000000)); } # rounded down, as the rules round

# Correct, total: of the honest claim, as it was verified.
honest_counts() {
    ask ada chain show "$(recall honest)" | sed -n 's/^claimed  *\([0-9,]*\) of \([0-9,]*\),.*/\1 \2/p' | tr -d ,
}
baseline() { ask ada chain show "$(recall honest)" | sed -n 's/^baseline, ppm  *//p' | tr -d ,; }

# The pool pays pool * min(improvement, full) / full, all of it to the only proposal of its epoch.
reward() {
    set -- $(honest_counts)
    over=$(($1 * 1000000 / $2 - $(baseline)))
    [ $over -ge $MIN_IMPROVEMENT_PPM ] || over=0
    [ $over -le $FULL_PAY_PPM ] || over=$FULL_PAY_PPM
    echo $((POOL * over / FULL_PAY_PPM))
}

# expect NAME BALANCE STAKE: before fees, of which each pays one for everything it has signed.
expect() {
    is=$(balance_of "$1") stake=$(stake_of "$1") signed=$(nonce_of "$1")
    must=$(($2 - signed * MIN_FEE))
    verdict=right
    [ "$is" = "$must" ] && [ "$stake" = "$3" ] || verdict=WRONG
    printf '%-4s  balance %7s of %7s   stake %6s of %6s   signed %2s   %s\n' "$1" "$is" "$must" "$stake" "$3" "$signed" $verdict
    [ $verdict = right ] || wrong=1
}

step_account() {
    settle
    wrong=0

    # 1. Ada's claim: its checkers share attest_ppm of the stake by their own; Cyn, who found otherwise, loses missed_ppm.
    pot=$(part $CLAIM_STAKE $ATTEST_PPM)
    bob_checked=$((pot * STAKE_bob / (STAKE_bob + STAKE_dan)))
    dan_checked=$((pot * STAKE_dan / (STAKE_bob + STAKE_dan)))
    ada=$((BALANCE + $(reward) - bob_checked - dan_checked))
    cyn_stake=$((STAKE_cyn - $(part $STAKE_cyn $MISSED_PPM)))

    # 2. Bob's first: Ada and Dan share finder_ppm of its stake, the rest is burnt; Cyn could not reveal.
    pot=$(part $FALSE_STAKE $FINDER_PPM)
    ada_found=$((pot * STAKE_ada / (STAKE_ada + STAKE_dan)))
    dan_found=$((pot * STAKE_dan / (STAKE_ada + STAKE_dan)))
    cyn_stake=$((cyn_stake - $(part $cyn_stake $MISSED_PPM)))

    # 3. Bob's second: Cyn was paid for checking; the challenger has finder_ppm of what is left; Cyn loses once more.
    cyn_paid=$(part $LEAF_STAKE $ATTEST_PPM)
    challenger=$(part $((LEAF_STAKE - cyn_paid)) $FINDER_PPM)
    cyn_stake=$((cyn_stake - $(part $cyn_stake $MISSED_PPM)))

    # 4. Dan's two votes: double_ppm of his stake, finder_ppm of that to Ada, who showed them.
    dan_lost=$(part $STAKE_dan $DOUBLE_PPM)
    dan_shown=$(part "$dan_lost" $FINDER_PPM)

    ada=$((ada + ada_found + challenger + dan_shown))
    bob=$((BALANCE + bob_checked - FALSE_STAKE - LEAF_STAKE))
    cyn=$((BALANCE + cyn_paid))
    dan=$((BALANCE - POOL + dan_checked + dan_found))
    expect ada $ada $STAKE_ada
    expect bob $bob $STAKE_bob
    expect cyn $cyn $cyn_stake
    expect dan $dan $((STAKE_dan - dan_lost))
    for who in $PARTIES; do
        as "$who" chain verify --rerun
    done
    [ $wrong = 0 ] || fail "somebody does not own what the rules say"
    echo "each owns exactly what the rules say"
}

step_end() {
    for who in $PARTIES; do
        unfollow $who
    done
}

# --- the whole -------------------------------------------------------------------------------------------------------------

if [ -n "$STEP" ]; then
    [ -n "$FOLDER" ] || fail "--step goes with --in FOLDER"
    "step_$STEP"
    exit
fi
if [ -z "$FOLDER" ]; then
    FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/four-parties-XXXXXX") || exit 1
    trap 'step_end; rm -rf "$FOLDER"' EXIT
    trap 'exit 130' INT TERM
fi
for STEP in parties work claim refuted disputed doubled account; do
    echo "--- $STEP"
    "step_$STEP"
done
