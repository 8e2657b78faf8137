//! `spacewatch findings suppress`, `suppressions` and `unsuppress`

use spacewatch_insight::{
    DecisionOutput, SuppressFinding, SuppressFindingArgs, Suppressions, SuppressionsArgs, SuppressionsOutput,
    UnsuppressFinding, UnsuppressFindingArgs,
};
use spacewatch_model::OneLine;

use super::asking::Asking;
use crate::cli::StoreArgs;
use crate::cli::suppression::SuppressionCommand;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(command: SuppressionCommand, verbose: u8) -> Result<(), Failure> {
    let (place, store) = command.wanted();
    let asking = Asking::remembering(store, place.behind(store.flags()), verbose)?;
    match command {
        SuppressionCommand::Suppress(args) => {
            output::refuse_export(&args.store)?;
            let asked = SuppressFindingArgs {
                id: args.id,
                reason: args.reason,
                until: args.until,
            };
            let said = asking.ask::<SuppressFinding>("writing it down", asked).await?;
            tell(&args.store, &said)
        }
        SuppressionCommand::Unsuppress(args) => {
            output::refuse_export(&args.store)?;
            let asked = UnsuppressFindingArgs { id: args.id };
            let said = asking.ask::<UnsuppressFinding>("writing it down", asked).await?;
            tell(&args.store, &said)
        }
        SuppressionCommand::Suppressions(args) => {
            let asked = SuppressionsArgs { ended: args.ended };
            let found = asking.ask::<Suppressions>("reading what is known", asked).await?;
            if output::told(&args.store, &found)? {
                return Ok(());
            }
            list(&found)
        }
    }
}

fn tell(store: &StoreArgs, said: &DecisionOutput) -> Result<(), Failure> {
    if output::told(store, said)? {
        return Ok(());
    }
    let id = OneLine(&said.id);
    output::print(&match &said.suppressed {
        Some(suppression) => format!(
            "{id} is not pointed at until {}\n",
            output::instant(suppression.until)
        ),
        None => format!("{id} is pointed at again\n"),
    })
}

fn list(found: &SuppressionsOutput) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("SINCE", Align::Left),
        ("UNTIL", Align::Left),
        ("REASON", Align::Left),
        ("FINDING", Align::Left),
    ]);
    for row in &found.suppressions {
        let until = output::instant(row.suppression.until);
        table.row(vec![
            output::instant(row.suppression.since),
            if row.active {
                until
            } else {
                format!("{until} (ended)")
            },
            row.suppression.reason.clone(),
            row.id.clone(),
        ]);
    }
    if !found.suppressions.is_empty() {
        output::print(&table.render(output::terminal_width()))?;
    }
    eprintln!("{}", output::counted(found.suppressions.len() as u64, "finding"));
    if found.unreadable > 0 {
        eprintln!(
            "note: {} there hold no decision",
            output::counted(found.unreadable, "object")
        );
    }
    Ok(())
}
