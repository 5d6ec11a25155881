/* Scores by their ranks: the normal scores that a sample of as many from N(0, 1) would have (Blom 1958), and back. A
 * Gaussian process over them does not care how the scores are spread: a few very bad networks do not make all good ones
 * look alike. Between two scores the way back is straight, beyond the ends as steep as over the outer quarter. */
#ifndef SEARCH_RANK_H
#define SEARCH_RANK_H

struct ranks {
    int n;         /* different scores */
    double *score; /* [n] ascending, owned */
    double *normal; /* [n] ascending, owned */
};

/* n >= 1 finite scores; equal ones share the middle of their ranks. */
void ranks_start(struct ranks *r, const double *score, int n);
void ranks_end(struct ranks *r);
double ranks_normal(const struct ranks *r, double score);
double ranks_score(const struct ranks *r, double normal);

#endif
