"""The system of brutzkus2021: networks that detect a pattern among others.

Notation

| symbol      | name in the code         | meaning                                                                     |
|-------------|--------------------------|-----------------------------------------------------------------------------|
| d           | ``d``                    | length of a pattern                                                         |
| n           | ``n_patterns``           | patterns per input x; the axis ``place``                                    |
| o_1 ... o_l | ``Patterns.vectors``     | the patterns: o_1 positive, o_2 negative, the others spurious; l = d        |
| x[j]        | ``x[run, sample, j]``    | the j-th pattern of an input                                                |
| k           | ``channels``             | filters of ConvPool                                                         |
| w_i, a_i    | ``W[:, i]``, ``a[:, i]`` | filter i and its weight in the output                                       |
| m           | ``n_train``              | size of the training set S; S_1 is its first half, rounded up; S_2 the rest |
| l(z)        | the logistic loss        | log(1 + exp(-z)) of the margin z = y f(x)                                   |
| r           | ``Constants.r``          | norm of the first filters in Algorithm 1                                    |
"""
