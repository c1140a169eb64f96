"""What operators copy to run Spark: commands that exist, variables that are read, one home."""

from __future__ import annotations

import re
from typing import Any

import yaml
from typer.main import get_command

from interfaces.command_line import app
from register.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "docs" / "deployment"
HOME = "/srv/register"
IMAGE = "national-register-spark"


def _read_variables() -> set[str]:
    profile = (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    return set(re.findall(r"env_var\('(REGISTER_SPARK_\w+)'", profile))


def _is_a_load_on_spark(words: list[str]) -> bool:
    assert words[0] == "register"
    group = get_command(app)
    context = group.make_context("register", words[1:], resilient_parsing=True)
    name, command, rest = group.resolve_command(context, words[1:])
    parameters = command.make_context(name, list(rest), parent=context).params
    return name == "load" and str(parameters["engine"]) == "spark"


def _documents() -> dict[str, Any]:
    text = (FOLDER / "kubernetes-spark.yaml").read_text(encoding="utf-8")
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


def test_the_containers_make_a_cluster_that_reaches_nothing_else() -> None:
    """Prevents a load that finds no cluster, workers without the home, and an open network."""
    composed = yaml.safe_load((FOLDER / "compose-spark.yaml").read_text(encoding="utf-8"))
    services = composed["services"]
    assert composed["networks"]["spark"] == {"internal": True}
    assert all(service["networks"] == ["spark"] for service in services.values())
    assert all("ports" not in service for service in services.values())
    assert {service["image"] for service in services.values()} == {IMAGE}
    assert _is_a_load_on_spark(services["load"]["command"].split())
    master = services["load"]["environment"]["REGISTER_SPARK_MASTER"]
    assert services["worker"]["command"].split()[-1] == master
    assert services["load"]["environment"].keys() <= _read_variables()
    assert services["load"]["volumes"] == services["worker"]["volumes"] == [f"{HOME}:{HOME}"]
    built = services["master"]["build"]
    assert (FOLDER / built["context"]).resolve() == PROJECT_ROOT
    assert (PROJECT_ROOT / built["dockerfile"]).exists()


def test_the_image_has_what_the_load_needs() -> None:
    """Prevents an image in which Spark cannot start."""
    text = (FOLDER / "Dockerfile.spark").read_text(encoding="utf-8")
    assert "jre-headless" in text
    assert "make setup-spark" in text
    assert text.rstrip().endswith("USER register")


def test_the_job_in_kubernetes_loads_and_its_executors_see_the_home() -> None:
    """Prevents executors without the landed files, and a driver that may not ask for executors."""
    documents = _documents()
    job = documents["CronJob"]["spec"]
    assert job["concurrencyPolicy"] == "Forbid"
    pod = job["jobTemplate"]["spec"]["template"]
    [container] = pod["spec"]["containers"]
    assert _is_a_load_on_spark(container["command"])
    variables = {entry["name"]: entry["value"] for entry in container["env"]}
    folder = variables.pop("SPARK_CONF_DIR")
    assert variables.keys() <= _read_variables()
    assert variables["REGISTER_SPARK_DRIVER_ADDRESS"] == documents["Service"]["metadata"]["name"]
    assert documents["Service"]["spec"]["selector"] == pod["metadata"]["labels"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert mounts == {"home": HOME, "spark": folder}
    files = documents["ConfigMap"]["data"]
    spark = dict(line.split(" ", 1) for line in files["spark-defaults.conf"].splitlines())
    volume = "spark.kubernetes.executor.volumes.persistentVolumeClaim.home"
    claim = volumes["home"]["persistentVolumeClaim"]["claimName"]
    assert (spark[f"{volume}.mount.path"], spark[f"{volume}.options.claimName"]) == (HOME, claim)
    template = yaml.safe_load(files["executor.yaml"])
    assert template["spec"]["securityContext"] == pod["spec"]["securityContext"]
    account = documents["ServiceAccount"]["metadata"]["name"]
    assert spark["spark.kubernetes.authenticate.driver.serviceAccountName"] == account
    assert pod["spec"]["serviceAccountName"] == account
    [rule] = documents["Role"]["rules"]
    assert {"create", "delete", "watch"} <= set(rule["verbs"])
    assert "pods" in rule["resources"]
