/* Expected improvement, also where it is too small for a double. */
#ifndef SEARCH_ACQUIRE_H
#define SEARCH_ACQUIRE_H

/* E[max(f - best, 0)] for f ~ N(mean, sd^2); sd >= 0. */
double acquire_ei(double mean, double sd, double best);

/* Its logarithm, finite for every sd > 0 and finite z = (mean - best) / sd. */
double acquire_log_ei(double mean, double sd, double best);

/* The logarithm of the mean of n >= 1 numbers, from their logarithms. */
double acquire_log_mean(const double *log_ei, int n);

#endif
