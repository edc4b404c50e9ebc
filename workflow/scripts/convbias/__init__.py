"""convbias: why convolutional networks need fewer samples than fully connected ones.

Two systems train networks: ``linear`` (sparse inputs, linear classifiers) and ``detection`` (a pattern among others,
pooling networks). ``papers`` ask questions of them. ``statistics``, ``claims`` and ``figures`` are shared engines.
Nothing here knows Snakemake, configuration files or paths: arrays and tables go in; arrays, tables and figures come
out.
"""
