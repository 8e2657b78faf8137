//! `spacewatch mcp`

use std::sync::Arc;

use jiff::tz::TimeZone;
use spacewatch_mcp::{Config, serve_stdio};

use super::asking::Asking;
use super::assistant::toolbox::TenantToolbox;
use crate::cli::assistant::McpArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: McpArgs, verbose: u8) -> Result<(), Failure> {
    output::refuse_export(&args.log.store)?;
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let toolbox = TenantToolbox::new(asking.tenant.clone(), TimeZone::UTC, None);
    let config = Config {
        allow_writing: args.allow_writing,
    };
    let served = output::interruptible(async {
        serve_stdio(Arc::new(toolbox.writing(args.allow_writing)), config)
            .await
            .map_err(|error| {
                Failure::new(Exit::Failed, error.to_string())
                    .caused_by(&error)
                    .with_hint(
                        "`spacewatch mcp` is begun by a program that speaks the Model Context Protocol",
                    )
            })
    })
    .await;
    asking.tenant.lakes.close().await;
    served
}
