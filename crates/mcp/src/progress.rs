//! How far a call is, for clients that ask to be told.

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext, RoleServer};
use serde_json::Value;
use spacewatch_assistant::{CallProgress, ToolFailure, Toolbox};
use tokio::sync::watch;

/// Calls a tool, and tells a client that sent a token how far it is. Only the last word is told where the client is slow to listen.
pub(crate) async fn told(
    toolbox: &dyn Toolbox,
    tool: &str,
    args: Value,
    context: &RequestContext<RoleServer>,
) -> Result<Value, ToolFailure> {
    let Some(token) = context.meta.get_progress_token() else {
        return toolbox.call(tool, args).await;
    };
    let (say, heard) = watch::channel(CallProgress::default());
    let mut tell = |progress| {
        say.send_replace(progress);
    };
    tokio::select! {
        result = toolbox.call_watched(tool, args, &mut tell) => result,
        never = pass_on(heard, token, &context.peer) => match never {},
    }
}

/// Passes on what is heard for as long as the call takes.
async fn pass_on(
    mut heard: watch::Receiver<CallProgress>,
    token: ProgressToken,
    client: &Peer<RoleServer>,
) -> std::convert::Infallible {
    let mut steps = 0_u32;
    while heard.changed().await.is_ok() {
        let progress = *heard.borrow_and_update();
        // By the protocol the number must grow each time, and work doesn't always: the words say how far it is.
        steps += 1;
        let param =
            ProgressNotificationParam::new(token.clone(), f64::from(steps)).with_message(words(&progress));
        if let Err(error) = client.notify_progress(param).await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a client can't be told how far its call is"
            );
        }
    }
    std::future::pending().await
}

fn words(progress: &CallProgress) -> String {
    let CallProgress {
        objects,
        requests,
        bytes,
    } = progress;
    format!("{requests} requests to the store, {objects} objects of {bytes} bytes seen")
}
