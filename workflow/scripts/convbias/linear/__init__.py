"""The linear system of wu2019: linear classifiers with or without a convolution layer, trained with gradient descent.

Notation

| symbol  | name in the code    | meaning                                                                         |
|---------|---------------------|---------------------------------------------------------------------------------|
| d       | ``d``               | length of an input x                                                            |
| k       | ``k``               | size of the convolution filter, k <= d                                          |
| n_tr    | ``n_train``         | size of a training set, drawn i.i.d. uniformly with replacement                 |
| x, y    | ``Task.x``, ``.y``  | an input in {-1, 0, 1}^d and its label in {-1, 1}                               |
| w       | ``weights`` (d)     | the one-layer network, f(x) = w'x                                               |
| w1, w2  | ``weights`` (k + d) | the convolutional network, filter first, f(x) = sum_i w2_i sum_j w1_j x_{i+j-1} |
| alpha   | ``learning_rate``   | step size of gradient descent on the mean loss                                  |
| b       | ``init_scale``      | initial weights are uniform in [-b, b], or N(0, b^2) (``init_law``)             |
| M_tr    | ``mean_matrix``     | mean of y A_x over the training set, d x k                                      |
| sigma_1 | ``sigma1``          | the largest singular value of M_tr; sigma_2 is the second                       |

A linear network is determined by its *effective weights* w with f(x) = w'x; all errors are computed from them. One
run is one network, and one row of every array.

``kernel`` is the loop that trains one network. ``cores`` compiles it for CPUs and ``gpu`` for GPUs. ``training`` trains
and measures many networks, and ``shard`` makes the rows of a job.
"""
