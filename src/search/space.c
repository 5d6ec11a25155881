#include "search/space.h"

struct space_point space_point_of(const struct search_candidate *c)
{
    return (struct space_point){.arch = c->arch, .row = c->row};
}

struct search_candidate space_stand(struct space_point at, int parent)
{
    return (struct search_candidate){
        .parent = parent, .arch = at.arch ? arch_copy(at.arch) : NULL, .row = at.row};
}
