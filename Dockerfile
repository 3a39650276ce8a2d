# The watcher: ticks, order news and risk exits (adapters/aws/watcher.py). Its folder is made by
# `make bundle`: locked libraries for the processor of the stage, and our code. Nothing is run here,
# so that a machine of another processor builds it as well.
ARG PYTHON
FROM public.ecr.aws/docker/library/python:${PYTHON}-slim
COPY libraries /opt/libraries
COPY platform /opt/platform
ENV PYTHONPATH=/opt/platform:/opt/libraries PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# The only folder that can be written to; what is mounted there takes over its permissions.
VOLUME ["/tmp"]
WORKDIR /opt/platform
USER 65532
ENTRYPOINT ["python", "-m"]
CMD ["adapters.aws.watcher"]
