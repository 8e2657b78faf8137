//! The words around a chart.

/// The words around a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// What is shown, in plain words.
    pub title: String,
    /// The place for the period and the coverage. May be empty.
    pub subtitle: String,
    /// A line below the chart.
    pub note: Option<String>,
    /// What to say when there is nothing to show.
    pub empty: String,
}

impl Caption {
    /// A title alone.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subtitle: String::new(),
            note: None,
            empty: "No data found".to_owned(),
        }
    }

    /// With the line below the title.
    #[must_use]
    pub fn with_subtitle(self, subtitle: impl Into<String>) -> Self {
        Self {
            subtitle: subtitle.into(),
            ..self
        }
    }

    /// With the line below the chart.
    #[must_use]
    pub fn with_note(self, note: impl Into<String>) -> Self {
        Self {
            note: Some(note.into()),
            ..self
        }
    }

    /// With what to say when there is nothing to show, "No IP data found" for example.
    #[must_use]
    pub fn with_empty(self, message: impl Into<String>) -> Self {
        Self {
            empty: message.into(),
            ..self
        }
    }
}
