"""Draw one figure, and write what it draws as CSV."""

from pipeline.files import begin_job, read_table, whole

begin_job(snakemake.log[0], pandas=True)

from convbias import figures  # noqa: E402

spec = snakemake.params.spec
frames = {name: read_table(path)[0].to_pandas() for name, path in snakemake.input.items()}
module = figures.load(spec["figure"])
drawn = module.data(frames, spec["experiments"])
figure = module.plot(drawn)
with whole(snakemake.output.csv) as beside:
    drawn.to_csv(beside, index=False, float_format="%.8g")
for path, metadata in ((snakemake.output.pdf, {"CreationDate": None}), (snakemake.output.png, {"Software": None})):
    with whole(path) as beside:
        figure.savefig(beside, format=path.rsplit(".", 1)[-1], metadata=metadata)
