//! `spacewatch ask` and `spacewatch chat`

mod conversation;
mod shown;
pub(super) mod toolbox;

use dialoguer::Confirm;
use jiff::tz::TimeZone;
use spacewatch_assistant::{Assistant, Made, Proposal, Question};
use spacewatch_model::OneLine;

use super::asking::Asking;
use crate::cli::assistant::{AboutArgs, AskArgs, ChatArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::wiring;
use conversation::Conversation;
use shown::Shown;
use toolbox::TenantToolbox;

/// The only session of a process at the terminal.
const SESSION: &str = "terminal";

pub(super) async fn ask(args: AskArgs, verbose: u8) -> Result<(), Failure> {
    output::refuse_export(&args.about.log.store)?;
    let asker = Asker::start(&args.about, verbose)?;
    let mut shown = Shown::new(args.about.log.store.json);
    let told = asker.tell(&args.question.join(" "), &mut shown).await;
    asker.close().await;
    told
}

pub(super) async fn chat(args: ChatArgs, verbose: u8) -> Result<(), Failure> {
    output::refuse_export(&args.about.log.store)?;
    let asker = Asker::start(&args.about, verbose)?;
    let ended = Conversation::begin(&asker).await?.run(&asker).await;
    asker.close().await;
    ended
}

/// Who asks, and whom.
struct Asker {
    asking: Asking,
    assistant: Assistant,
    toolbox: TenantToolbox,
}

impl Asker {
    fn start(about: &AboutArgs, verbose: u8) -> Result<Self, Failure> {
        let asking = Asking::remembering(&about.log.store, about.log.flags(), verbose)?;
        Ok(Self {
            assistant: assistant(&asking, about)?,
            toolbox: TenantToolbox::new(asking.tenant.clone(), time_zone(about)?, about.bucket.clone()),
            asking,
        })
    }

    /// Answers a question, shows the answer, and does what it proposes if a person says yes to it.
    async fn tell(&self, question: &str, shown: &mut Shown) -> Result<(), Failure> {
        let made = output::interruptible(self.answer(question, shown)).await?;
        shown.end(&made)?;
        match made.answer.proposal.as_ref().filter(|_| shown.may_ask()) {
            Some(proposal) => self.offer(proposal).await,
            None => Ok(()),
        }
    }

    async fn offer(&self, proposal: &Proposal) -> Result<(), Failure> {
        let wanted = Confirm::new()
            .with_prompt(format!("{}: do it?", OneLine(&proposal.description)))
            .default(false)
            .interact_opt()
            .map_err(|error| Failure::new(Exit::Failed, "nobody could be asked").caused_by(&error))?;
        if wanted != Some(true) {
            return output::print("nothing was done\n");
        }
        let done = output::interruptible(async { Ok(self.toolbox.perform(proposal).await?) }).await?;
        output::print(&shown::done(&done))
    }

    async fn answer(&self, text: &str, shown: &mut Shown) -> Result<Made, Failure> {
        let question = Question {
            text: text.to_owned(),
            tenant: *self.asking.tenant.store.fingerprint().as_bytes(),
            session: Some(SESSION.to_owned()),
            secrets: self
                .asking
                .loaded
                .configuration
                .spaces_secret
                .iter()
                .cloned()
                .collect(),
            patience: None,
        };
        let mut tell = |event| shown.tell(event);
        Ok(self.assistant.answer(&question, &self.toolbox, &mut tell).await)
    }

    async fn close(&self) {
        self.asking.tenant.lakes.close().await;
    }
}

fn assistant(asking: &Asking, about: &AboutArgs) -> Result<Assistant, Failure> {
    let clock = asking.tenant.clock.clone();
    if about.no_model {
        return Ok(Assistant::new(clock));
    }
    wiring::assistant(&asking.loaded.configuration, clock, wiring::REST)
}

fn time_zone(about: &AboutArgs) -> Result<TimeZone, Failure> {
    let Some(name) = &about.time_zone else {
        return Ok(TimeZone::system());
    };
    TimeZone::get(name).map_err(|_| {
        Failure::usage(format!("`{}` is no time zone known here", OneLine(name)))
            .with_hint("give its IANA name: `--time-zone Europe/Berlin`")
    })
}
