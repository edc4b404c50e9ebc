"""Draw one figure, and write what it draws as CSV."""

from convbias_pipeline.store.files import begin_job, read_frames, stream_frames, whole

begin_job(snakemake.log[0], pandas=True)

from convbias import figures  # noqa: E402

spec = snakemake.params.spec
module = figures.load(spec["figure"])
read = stream_frames if getattr(module, "STREAMED", False) else read_frames
frames = read(snakemake.input.items(), spec["experiments"])
drawn = module.data(frames, spec["experiments"])
figure = module.plot(drawn)
with whole(snakemake.output.csv) as beside:
    drawn.to_csv(beside, index=False, float_format="%.8g")
for path, metadata in ((snakemake.output.pdf, {"CreationDate": None}), (snakemake.output.png, {"Software": None})):
    with whole(path) as beside:
        figure.savefig(beside, format=path.rsplit(".", 1)[-1], metadata=metadata)
