//! `spacewatch inventory run` and `status`

use spacewatch_insight::{
    InventoryReport, InventoryRun, InventoryRunArgs, InventoryRunOutput, InventoryScopeArgs, InventoryState,
    Tool,
};
use spacewatch_model::OneLine;

use super::{entries, start, tell_basis};
use crate::cli::inventory::{RunArgs, StatusArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: RunArgs, verbose: u8) -> Result<(), Failure> {
    output::refuse_export(&args.of.store)?;
    let asking = start(&args.of, verbose)?;
    let target = args.of.target;
    let mut question = InventoryRunArgs {
        bucket: target.bucket.clone(),
        prefix: target.prefix,
        wait: false,
        dry_run: true,
    };
    // What it takes comes first, so that whoever finds it too much can stop it.
    let cost = asking.ask::<InventoryRun>("reckoning", question.clone()).await?;
    if args.dry_run {
        return if args.of.store.json {
            output::print_json(&cost)
        } else {
            output::print(&format!("{}\n", cost.cost.note))
        };
    }
    eprintln!("{}", cost.cost.note);
    (question.wait, question.dry_run) = (true, false);
    let what = format!("taking an inventory of {}", target.bucket);
    let found = output::watched(
        &what,
        &asking.tenant.progress,
        InventoryRun::run(&asking.tenant, question),
    )
    .await;
    // Also after Ctrl-C: what was found is written down, and the next run goes on from there.
    asking.tenant.inventories.close().await;
    let found = found?;
    if !output::told(&args.of.store, &found)? {
        show(&found)?;
    }
    match found.status.last_error {
        Some(error) => Err(Failure::new(Exit::Failed, OneLine(&error).to_string())
            .with_hint("run it again: it goes on where it stopped")),
        None => Ok(()),
    }
}

fn show(found: &InventoryRunOutput) -> Result<(), Failure> {
    let Some(basis) = found
        .inventory
        .as_ref()
        .filter(|_| found.status.last_error.is_none())
    else {
        return show_status(&found.status);
    };
    let mut text = format!(
        "{} in {}\n",
        entries(basis.entries),
        output::counted(basis.requests, "request"),
    );
    if found.status.resumed_entries > 0 {
        text += &format!(
            "{} of them were known from an interrupted scan\n",
            output::thousands(found.status.resumed_entries)
        );
    }
    output::print(&text)?;
    tell_basis(basis);
    Ok(())
}

pub(super) async fn status(args: StatusArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.of, verbose)?;
    let scope = InventoryScopeArgs {
        bucket: args.of.target.bucket,
        prefix: args.of.target.prefix,
    };
    let found = asking.ask::<InventoryState>("asking", scope).await?;
    if output::told(&args.of.store, &found)? {
        return Ok(());
    }
    show_status(&found)
}

fn show_status(status: &InventoryReport) -> Result<(), Failure> {
    let last = match status.finished_at {
        Some(at) => format!("the last inventory was finished at {}", output::instant(at)),
        None => "there is no finished inventory".to_owned(),
    };
    let mut text = format!("{}: {last}\n", status.phase);
    if status.entries > 0 {
        text += &format!(
            "{} so far, {}\n",
            entries(status.entries),
            output::counted(status.requests, "request")
        );
    }
    output::print(&text)
}
