"""Draw one figure, and write its data as CSV."""

from convbias_pipeline.run.begin import begin_job
from convbias_pipeline.store.files import atomic_write, read_frames, stream_frames

begin_job(snakemake)

from convbias import catalogue, figures  # noqa: E402
from convbias.figures import style  # noqa: E402

params = snakemake.params.job_params
figure = catalogue.figures()[params["figure"]]
data, plot = figures.load(figure)
read = stream_frames if figure.streamed else read_frames
frames = read(snakemake.input.items(), params["experiments"], snakemake.params.expected)
try:
    drawn = data(frames, params["experiments"])
    drawing = plot(drawn)
except Exception as error:
    names = ", ".join(params["experiments"])
    error.add_note(f"{figure.name} cannot be drawn from {names}. Name other experiments in figures.{figure.name}.")
    raise
with atomic_write(snakemake.output.csv) as temp_path:
    drawn.to_csv(temp_path, index=False, float_format="%.8g")
for file_format in style.METADATA:
    with atomic_write(snakemake.output[file_format]) as temp_path:
        style.write(drawing, temp_path, file_format)
