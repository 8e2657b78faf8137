//! What every command that asks a store needs: configuration, credentials, the tenant.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use jiff::Timestamp;
use spacewatch_insight::{AnswerSource, Limit, Tenant, Tool};
use spacewatch_model::Secret;
use spacewatch_s3::{Credentials, Endpoint};
use tracing_appender::non_blocking::WorkerGuard;

use crate::cli::{KeptArgs, StoreArgs};
use crate::configuration::{self, Flag, Loaded, LogLevel, Source};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::{logging, wiring};

/// Longest file with a secret that is read.
const MAX_SECRET_BYTES: u64 = 4096;

/// A store to ask, and what was configured.
pub(super) struct Asking {
    pub(super) tenant: Tenant,
    pub(super) loaded: Loaded,
    _logging: WorkerGuard,
}

impl Asking {
    /// Reads the configuration and opens the store. Asks nothing yet.
    pub(super) fn start(args: &StoreArgs, verbose: u8) -> Result<Self, Failure> {
        Self::with_parts(args, args.flags(), verbose, |loaded| {
            Ok(wiring::Parts::new(&loaded.configuration, &loaded.prices))
        })
    }

    /// The same for questions to access logs, with more flags than the store's own.
    pub(super) fn remembering(args: &StoreArgs, flags: Vec<Flag>, verbose: u8) -> Result<Self, Failure> {
        Self::with_parts(args, flags, verbose, |loaded| {
            Ok(wiring::Parts::remembering(&loaded.configuration, &loaded.prices)?)
        })
    }

    /// The same for questions to the store that an inventory may answer as well.
    pub(super) fn with_inventories(args: &StoreArgs, kept: &KeptArgs, verbose: u8) -> Result<Self, Failure> {
        match kept.max_age {
            Some(_) => Self::remembering(args, args.flags(), verbose),
            None => Self::start(args, verbose),
        }
    }

    fn with_parts(
        args: &StoreArgs,
        flags: Vec<Flag>,
        verbose: u8,
        parts: impl FnOnce(&Loaded) -> Result<wiring::Parts, Failure>,
    ) -> Result<Self, Failure> {
        let mut loaded = configuration::load(flags)?;
        if let Some(path) = &args.secret_file {
            loaded.configuration.spaces_secret = Some(read_secret(path)?);
        }
        let parts = parts(&loaded)?;
        let logging = logging::start(
            loaded.configuration.log_format,
            log_level(verbose),
            parts.clock.clone(),
        );
        let credentials = credentials(&loaded)?;
        let endpoint = endpoint(&loaded, &parts)?;
        let tenant = parts.tenant(&loaded.configuration, credentials, endpoint);
        Ok(Self {
            tenant,
            loaded,
            _logging: logging,
        })
    }

    /// Asks a tool; shows how far it is, and ends on Ctrl-C. What goes on behind an answer ends with it: nobody waits for it here.
    pub(super) async fn ask<T: Tool>(&self, what: &str, args: T::Args) -> Result<T::Output, Failure> {
        let answer = self.ask_on::<T>(what, args).await;
        self.tenant.lakes.close().await;
        answer
    }

    /// The same where what goes on behind the answer shall go on.
    pub(super) async fn ask_on<T: Tool>(&self, what: &str, args: T::Args) -> Result<T::Output, Failure> {
        output::watched(what, &self.tenant.progress, T::run(&self.tenant, args)).await
    }
}

/// How old an inventory may be that answers.
pub(super) fn age(kept: &KeptArgs) -> Option<Limit> {
    kept.max_age.map(|seconds| Limit(seconds.into()))
}

/// Says so where the answer is not the store's of this moment.
pub(super) fn tell_source(source: AnswerSource, as_of: Timestamp) {
    if source == AnswerSource::Inventory {
        eprintln!("as of {}, from an inventory", output::instant(as_of));
    }
}

/// At the command line `LOG_LEVEL` doesn't count: it is for the service, and lines would stand in the answer's way.
fn log_level(verbose: u8) -> LogLevel {
    match verbose {
        0 => LogLevel::Warning,
        1 => LogLevel::Info,
        2 => LogLevel::Debug,
        _ => LogLevel::Trace,
    }
}

fn credentials(loaded: &Loaded) -> Result<Credentials, Failure> {
    let missing = |what: &str| {
        Failure::usage(format!("no {what} is configured")).with_hint(
            "set SPACES_KEY and SPACES_SECRET in the environment or in `.env`; `spacewatch demo` needs no keys",
        )
    };
    let configuration = &loaded.configuration;
    let key = configuration
        .spaces_key
        .as_ref()
        .ok_or_else(|| missing("access key (SPACES_KEY)"))?;
    let secret = configuration
        .spaces_secret
        .clone()
        .ok_or_else(|| missing("secret key (SPACES_SECRET)"))?;
    Credentials::new(key.expose().to_owned(), secret).map_err(|error| Failure::usage(error.to_string()))
}

/// The endpoint of the configuration. A region typed as a flag means that region's endpoint, even where a file names
/// another one.
fn endpoint(loaded: &Loaded, parts: &wiring::Parts) -> Result<Endpoint, Failure> {
    let configuration = &loaded.configuration;
    let typed = |key| {
        loaded
            .given
            .iter()
            .any(|given| given.key == key && matches!(given.source, Source::Flag(_)))
    };
    if !typed("SPACES_REGION") || typed("SPACES_ENDPOINT") {
        return Ok(parts.policy.default_endpoint().clone());
    }
    let chosen = parts
        .policy
        .choose(None, Some(configuration.spaces_region.as_str()));
    chosen.map_err(|error| Failure::usage(error.to_string()))
}

fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(MAX_SECRET_BYTES)
            .read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(MAX_SECRET_BYTES).read_to_string(&mut text))
    };
    let text = Secret::new(text);
    match read {
        Ok(_) if text.expose().trim().is_empty() => {
            Err(Failure::usage(format!("`{}` holds no secret", path.display())))
        }
        Ok(_) => Ok(Secret::new(text.expose().trim())),
        Err(error) => Err(Failure::new(
            Exit::Usage,
            format!("can't read the secret from `{}`", path.display()),
        )
        .caused_by(&error)),
    }
}
