/* Binomial numbers.
 *
 *   k of n uniforms lie below p. The a-th smallest of them, a = floor(n/2) + 1, is X ~ Beta(a, n + 1 - a) = G_1/(G_1 + G_2), chi-squares of
 *   2 a and 2 (n + 1 - a) degrees of freedom. X >= p: the a - 1 smaller ones are uniform on (0, X), and k is the number below p of
 *   them; else a lie below p, and n - a are uniform on (X, 1). So n is halved until FEW uniforms are left, which are drawn.
 * GSL's gsl_ran_binomial_knuth is this for n < 2^32 and generators of its own.
 * Source: Relles, A simple algorithm for generating binomial random variables when N is large, JASA 67 (1972); Knuth, TAOCP 2, 3.4.1. */
#ifndef SCL_RANDOM_BINOMIAL_H
#define SCL_RANDOM_BINOMIAL_H

#include "random/random.h"

/* A binomial number of n trials, a whole number up to 2^53, of probability p in [0, 1]. It takes a variable number of blocks, so give
 * it a substream. cost 120 ns log2(n) */
double scl_binomial(scl_stream *substream, double n, double p);

/* How many of n values fall into each of K equally likely classes, K >= 1: a multinomial vector that sums to n. */
void scl_class_counts(double *counts, scl_stream *substream, double n, size_t K);

#endif
