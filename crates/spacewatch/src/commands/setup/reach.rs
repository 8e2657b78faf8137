//! Whether the agent's host can be reached. Sends nothing, and never waits long.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use url::Url;

use super::answers::{AGENT_URL, Answers, check_url};

const PATIENCE: Duration = Duration::from_secs(5);

/// What is to be said about the agent, if anything is.
pub(super) fn check(answers: &Answers) -> Option<String> {
    let url = check_url(answers.get(AGENT_URL)?.value.expose()).ok()?;
    let (sender, receiver) = mpsc::channel();
    let tried = url.clone();
    // Name lookup has no time limit of its own, so it is left behind when the time is up.
    thread::spawn(move || sender.send(connect(&tried)));
    let host = url.host_str().unwrap_or_default();
    Some(match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(())) => format!("the agent's host `{host}` can be reached"),
        Ok(Err(error)) => format!("the agent's host `{host}` can't be reached: {error}"),
        Err(_) => format!("the agent's host `{host}` didn't answer within five seconds"),
    })
}

fn connect(url: &Url) -> std::io::Result<()> {
    let mut last = Err(std::io::ErrorKind::NotFound.into());
    for address in (
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or(443),
    )
        .to_socket_addrs()?
    {
        last = TcpStream::connect_timeout(&address, PATIENCE).map(|_| ());
        if last.is_ok() {
            break;
        }
    }
    last
}
