//! Templates of messages: what an organization's people write once and send often, with every version kept.

mod approval;
mod content;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use approval::{ApprovalReason, ApprovalTold, is_same_language};
pub use content::{Body, Content, GIVEN, HeldName, MAX_VARIABLES, Registration, Subject, Variable, VariableType};

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{Change, FieldInvalid, Invalid, Label, OrganizationId, TemplateId, TemplateVersionId, UserId};

wire_enum! {
    /// What a template is for.
    TemplateChannel, "unknown_channel",
    /// E-mail.
    Email = "email",
    /// Text messages.
    Sms = "sms",
    /// WhatsApp.
    Whatsapp = "whatsapp",
    /// What a phone shows of an app.
    Push = "push",
    /// What people read inside the product.
    InApp = "in_app",
}

wire_enum! {
    /// Where a provider's look at a template stands: WhatsApp sends none that was not approved. Of two that a provider tells
    /// of one moment, the later one in this order holds.
    TemplateApproval, "unknown_approval",
    /// It was not handed in yet.
    Draft = "draft",
    /// The provider looks at it.
    Pending = "pending",
    /// It may be sent.
    Approved = "approved",
    /// It may not.
    Rejected = "rejected",
}

/// A template: its latest version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: TemplateId,
    /// What people call it; unique in the organization.
    pub name: Label,
    /// Over which channel.
    pub channel: TemplateChannel,
    /// What people sort it under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Label>,
    /// Its language: `en`, `hi-IN`.
    pub language: String,
    /// What it says.
    pub content: Content,
    /// The number of what it says, from 1.
    pub revision: u32,
    /// Who wrote that.
    pub author: UserId,
    /// Where the provider's look at what it says stands, for WhatsApp. Providers alone move it; what is said anew was not
    /// looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<TemplateApproval>,
    /// Why the provider sends it no more, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_reason: Option<ApprovalReason>,
    /// Since when the approval is known to stand so, by the provider's clock. What the provider told of an earlier time is
    /// news no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_at: Option<Timestamp>,
}

/// What a template said once. It is never changed, so that what was sent can be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// What every record carries.
    pub meta: Meta,
    /// Its id, derived from the template's and the number.
    pub id: TemplateVersionId,
    /// The template.
    pub template: TemplateId,
    /// The number, from 1.
    pub revision: u32,
    /// What it said.
    pub content: Content,
    /// Who wrote it.
    pub author: UserId,
}

/// What is told of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateDetails {
    /// What people call it.
    pub name: Label,
    /// Over which channel.
    pub channel: TemplateChannel,
    /// What people sort it under.
    pub category: Option<Label>,
    /// Its language.
    pub language: Option<String>,
    /// What it says.
    pub content: Content,
}

/// A merge update: `None` keeps, `Some(None)` clears.
#[derive(Debug, Clone, Default)]
pub struct TemplatePatch {
    /// What people call it.
    pub name: Option<Label>,
    /// Its channel, which stays.
    pub channel: Option<TemplateChannel>,
    /// What people sort it under.
    pub category: Option<Option<Label>>,
    /// Its language.
    pub language: Option<String>,
    /// Its subject.
    pub subject: Option<Option<Subject>>,
    /// Its text.
    pub body: Option<Body>,
    /// Its HTML.
    pub html: Option<Option<Body>>,
    /// What whoever sends it hands in.
    pub variables: Option<BTreeMap<String, Variable>>,
    /// The registration of an SMS.
    pub registration: Option<Option<Registration>>,
    /// The provider's name of it.
    pub held: Option<Option<HeldName>>,
}

/// A language tag in the form of RFC 5646, in the part of it that people use: `en`, `hi-IN`.
fn is_language(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let letters =
        |part: &str, from, to| (from..=to).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    parts.next().is_some_and(|part| letters(part, 2, 3)) && parts.all(|part| letters(part, 2, 8)) && text.len() <= 35
}

impl Template {
    /// A new one; its first version is made with it.
    pub fn create(
        id: TemplateId,
        organization: OrganizationId,
        details: TemplateDetails,
        author: UserId,
        now: Timestamp,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let TemplateDetails { name, channel, category, language, content } = details;
        let language = language.unwrap_or_else(|| "en".to_owned());
        let meta = Meta::new(organization, now);
        let approval = (channel == TemplateChannel::Whatsapp).then_some(TemplateApproval::Draft);
        let template = Self {
            meta,
            id,
            name,
            channel,
            category,
            language,
            content,
            revision: 1,
            author,
            approval,
            approval_reason: None,
            approval_at: None,
        };
        Ok(Change::create(template.checked()?, "template.created"))
    }

    /// Changes it. A change of what it says makes a new version.
    pub fn update(
        self,
        patch: TemplatePatch,
        author: UserId,
        now: Timestamp,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let TemplatePatch { name, channel, category, language, subject, body, html, variables, registration, held } =
            patch;
        if channel.is_some_and(|channel| channel != self.channel) {
            let invalid = Invalid::new("fixed", "cannot change: a message over another channel is another template");
            return Err(vec![FieldInvalid::new("channel", invalid)]);
        }
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.name = name.unwrap_or(after.name);
        after.category = category.unwrap_or(after.category);
        after.language = language.unwrap_or(after.language);
        let content = &mut after.content;
        if let Some(subject) = subject {
            content.subject = subject;
        }
        if let Some(body) = body {
            content.body = body;
        }
        if let Some(html) = html {
            content.html = html;
        }
        if let Some(variables) = variables {
            content.variables = variables;
        }
        if let Some(registration) = registration {
            content.registration = registration;
        }
        if let Some(held) = held {
            content.held = held;
        }
        after.said_anew(&self, author);
        if after.language != self.language {
            after.not_looked_at();
        }
        Ok(Change::update(self, after.checked()?, "template.updated"))
    }

    /// Deletes it; what it said stays.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "template.deleted")
    }

    /// Brings it back.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        Change::restore(self, now, "template.restored")
    }

    /// Says again what it said once, as a new version.
    pub fn revert(self, version: &TemplateVersion, author: UserId, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.content = version.content.clone();
        after.said_anew(&self, author);
        Change::update(self, after, "template.reverted").with("revision", version.revision)
    }

    fn said_anew(&mut self, before: &Self, author: UserId) {
        if self.content != before.content {
            self.revision = before.revision + 1;
            self.author = author;
            self.not_looked_at();
        }
    }

    /// The version of what it says now, under an id that follows from both.
    pub fn version(&self, id: TemplateVersionId) -> Change<TemplateVersion> {
        let version = TemplateVersion {
            meta: Meta::new(self.meta.organization, self.meta.updated_at),
            id,
            template: self.id,
            revision: self.revision,
            content: self.content.clone(),
            author: self.author,
        };
        Change::create(version, "template_version.made")
    }

    fn checked(self) -> Result<Self, Vec<FieldInvalid>> {
        let mut wrong = self.content.checked(self.channel);
        if !is_language(&self.language) {
            let invalid = Invalid::new("not_a_language", "must be a language tag, such as en or hi-IN");
            wrong.push(FieldInvalid::new("language", invalid));
        }
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }
}

impl Record for Template {
    const KIND: &'static str = "template";
    type Id = TemplateId;

    fn id(&self) -> TemplateId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", ""), List::new(Slot::Two, "channel", self.channel)]
    }
    fn claims(&self) -> Vec<Claim> {
        vec![Claim::new("name", self.name.as_str().to_lowercase())]
    }
    /// Its versions tell what it said.
    const DERIVED: &'static [&'static str] = &["content"];
}

impl Record for TemplateVersion {
    const KIND: &'static str = "template_version";
    type Id = TemplateVersionId;

    fn id(&self) -> TemplateVersionId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "template", self.template)]
    }
    /// Its number, as two may be written within a moment.
    fn order(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(self.revision.into())
    }
    /// It is its own history.
    const REMEMBERED: bool = false;
}
