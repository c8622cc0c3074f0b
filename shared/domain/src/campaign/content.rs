//! What a campaign says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::template::{Body, Content, Subject};
use crate::{ContactChannel, TemplateId};

/// What a campaign says, or what a variant says in place of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CampaignContent {
    /// One line, for e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The text: what channels without a template say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// The same as HTML, for e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<Body>,
    /// A template, for the channel that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateId>,
    /// Templates by the names of their channels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub templates: BTreeMap<String, TemplateId>,
}

/// What is said over one channel, as it stood when the campaign was launched: whoever changes a template afterwards changes
/// no campaign that is under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Words {
    /// The template and its version, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<(TemplateId, u32)>,
    /// Its language.
    pub language: String,
    /// What it says.
    pub content: Content,
}

impl CampaignContent {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// The templates that it names.
    pub fn named(&self) -> impl Iterator<Item = TemplateId> {
        self.template.into_iter().chain(self.templates.values().copied())
    }

    /// The same with this put over it: what a variant says of itself.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        let own_words = self.body.is_some() || self.template.is_some() || !self.templates.is_empty();
        Self {
            subject: self.subject.clone().or_else(|| below.subject.clone()),
            body: self.body.clone().or_else(|| below.body.clone()),
            // HTML that says the words below would speak against its own.
            html: self.html.clone().or_else(|| below.html.clone().filter(|_| !own_words)),
            template: self.template.or(below.template.filter(|_| !own_words)),
            templates: if own_words { self.templates.clone() } else { below.templates.clone() },
        }
    }

    /// What it says over a channel in its own words; `None` where it has none for it.
    pub fn own_words(&self, channel: ContactChannel) -> Option<Content> {
        let is_mail = channel == ContactChannel::Email;
        let subject = self.subject.clone().filter(|_| is_mail);
        if is_mail && subject.is_none() {
            return None;
        }
        Some(Content {
            subject,
            body: self.body.clone()?,
            html: self.html.clone().filter(|_| is_mail),
            variables: BTreeMap::new(),
            registration: None,
            held: None,
        })
    }
}
