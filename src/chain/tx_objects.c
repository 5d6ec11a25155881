/* Which objects a transaction refers to: what has to travel with the chain. A kind that refers to objects has a line here. */
#include "chain/tx_objects.h"

#define PUT(field) out[n++] = (struct tx_object){field, false}

int tx_objects(const struct tx *tx, struct tx_object out[TX_OBJECTS_MOST])
{
    int n = 0;
    switch (tx->type) {
    case TX_TASK:
        out[n++] = (struct tx_object){tx->task.text, true}; /* names the columns */
        PUT(tx->task.recipe);
        break;
    case TX_PROPOSE:
        PUT(tx->propose.parent);
        PUT(tx->propose.morphisms);
        PUT(tx->propose.arch);
        PUT(tx->propose.evidence);
        break;
    case TX_OPEN:
        PUT(tx->open.leaves);
        break;
    case TX_HOLDOUT:
        PUT(tx->holdout.arch);
        PUT(tx->holdout.evidence);
        break;
    case TX_RESULT:
        PUT(tx->result.evidence);
        break;
    case TX_CHALLENGE:
        PUT(tx->challenge.state);
        break;
    case TX_RESPOND:
        PUT(tx->respond.object);
        break;
    case TX_LIST:
        PUT(tx->list.object);
        break;
    case TX_JOB:
        PUT(tx->job.arch);
        break;
    case TX_OUTCOME:
        PUT(tx->outcome.object);
        break;
    default:
        break;
    }
    int kept = 0;
    for (int i = 0; i < n; i++)
        if (!hash_is_zero(out[i].id))
            out[kept++] = out[i];
    return kept;
}
