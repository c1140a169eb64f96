"""`register receipts`: the receipts of deliveries, and their verification by anybody."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import feeds
from register.settings import load_settings

app = typer.Typer(help="List, show and verify receipts of deliveries.", no_args_is_help=True)
Delivery = Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id.")]


@app.command("list")
def list_all(as_json: console.AsJson = False) -> None:
    """List the receipts in the outbox."""
    settings = load_settings()
    receipts = [
        receipt.parse()
        for name in feeds.list_receipts(settings)
        if (receipt := feeds.read_receipt(settings, name)) is not None
    ]
    if as_json:
        console.write_json([receipt.model_dump(mode="json") for receipt in receipts])
        return
    console.show_table(
        "",
        ["delivery", "supplier", "received", "outcome", "records"],
        (
            [
                receipt.delivery_id,
                receipt.supplier_name,
                receipt.received_at,
                receipt.outcome,
                f"{receipt.records.received:,}",
            ]
            for receipt in receipts
        ),
    )


@app.command()
def show(
    delivery: Delivery,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the receipt and its signature into a folder."),
    ] = None,
) -> None:
    """Show a receipt exactly as it was signed, or write it and its signature to send them."""
    receipt = feeds.read_receipt(load_settings(), delivery)
    if receipt is None:
        console.stop(
            f"no receipt of {delivery}: `register doctor` says why receipts are missing",
            console.NOT_FOUND,
        )
    if out is None:
        typer.echo(receipt.content.decode(), nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{delivery}.json").write_bytes(receipt.content)
    (out / f"{delivery}.json.jws").write_bytes(receipt.signature)


@app.command()
def keys() -> None:
    """Print the public keys that verify receipts, as a JSON Web Key Set (JWKS) for suppliers."""
    with console.stop_on(feeds.ReceiptKeyError):
        public_keys = feeds.list_public_keys(load_settings())
    typer.echo(json.dumps(public_keys, indent=1))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receipt: DELIVERY.json.")],
    keys: Annotated[Path, typer.Option(metavar="JWKS", help="The register's public keys.")],
    delivered: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Also compare the receipt with the files delivered."),
    ] = None,
) -> None:
    """Verify a receipt with the signature beside it; this needs no home.

    Exit code 1: it is not what the register signed, or it is about other files.
    """
    signature = file.with_name(f"{file.name}.jws")
    for path in (file, signature, keys):
        if not path.is_file():
            console.stop(f"there is no {path}", console.NOT_FOUND)
    try:
        public_keys = json.loads(keys.read_text(encoding="utf-8"))
    except ValueError:
        console.stop(f"{keys} is no JSON Web Key Set", console.FAILED)
    with console.stop_on(feeds.ReceiptError):
        receipt = feeds.verify_receipt(
            file.read_bytes(), signature.read_bytes(), public_keys, file.stem
        )
    if delivered is not None and not _has_files(receipt, delivered):
        _stop_on_other_files(delivered)
    console.write_line(
        f"verified: {receipt.delivery_id}, received {receipt.received_at}, {receipt.outcome};"
        f" {receipt.records.received:,} records received, {receipt.records.landed:,} landed,"
        f" {receipt.records.on_hold:,} on hold, {receipt.records.quarantined:,} quarantined"
    )


def _has_files(receipt: feeds.Receipt, folder: Path) -> bool:
    """Return whether the files of a folder, or one file, are those of a receipt."""
    paths = [path for path in folder.rglob("*") if path.is_file()] or [folder]
    hashes = [
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file() and not path.name.startswith((".", "~$"))
    ]
    return Counter(hashes) == Counter(file.sha256 for file in receipt.files)


def _stop_on_other_files(folder: Path) -> NoReturn:
    console.stop(
        f"the receipt is genuine, and it is about other files than those of {folder}",
        console.FAILED,
    )
