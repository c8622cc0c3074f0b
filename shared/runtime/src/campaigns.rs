//! What a campaign begins with, how it does, and the queue that carries its steps.

use std::collections::{BTreeMap, HashMap};

use domain::automation::Conditions;
use domain::campaign::{
    Campaign, CampaignContent, CampaignFigures, CampaignStep, CampaignWork, Target, Words, WordsOf,
};
use domain::communication::{CAMPAIGN_FIGURES, figures_of};
use domain::segment::Audience;
use domain::template::{Content, TemplateApproval};
use domain::{ContactChannel, FieldInvalid, Grant, Invalid, Segment, Template, TemplateId};
use serde_json::Map;
use store::{ReadError, StoreError, there};
use wording::{Written, check};

use crate::Platform;

/// What own words are written in, where no template says so.
const LANGUAGE: &str = "en";

/// What a campaign begins with, or each field that keeps it from beginning.
pub type Resolved = Result<(Audience, WordsOf), Vec<FieldInvalid>>;

impl Platform {
    /// Whom a campaign is for and what it says over each of its channels, as that stands now: 1 read for a segment, 1
    /// `BatchGetItem` for templates.
    pub async fn resolve_campaign(&self, grant: &Grant, campaign: &Campaign) -> Result<Resolved, ReadError> {
        let mut wrong = Vec::new();
        let audience = self.audience_of(grant, campaign.target.as_ref(), &mut wrong).await?;
        if campaign.channels.is_empty() {
            wrong.push(FieldInvalid::new("channels", Invalid::required()));
        }
        let said = contents(campaign);
        let named: Vec<TemplateId> = said.iter().flat_map(|(_, content)| content.named().collect::<Vec<_>>()).collect();
        let templates = self.table().get_many::<Template>(grant, &named).await?;
        let mut words = WordsOf::new();
        for (variant, content) in said {
            let place = campaign
                .experiment
                .as_ref()
                .and_then(|experiment| experiment.variants.iter().position(|known| known.key == variant));
            let within = |error: FieldInvalid| match place {
                Some(place) => error.within(&format!("variants.{place}")).within("ab_test"),
                None => error,
            };
            match words_of(campaign, &content, &templates) {
                Ok(said) => {
                    words.insert(variant, said);
                }
                Err(errors) => wrong.extend(errors.into_iter().map(within)),
            }
        }
        Ok(match audience {
            Some(audience) if wrong.is_empty() => Ok((audience, words)),
            _ => Err(wrong),
        })
    }

    async fn audience_of(
        &self,
        grant: &Grant,
        target: Option<&Target>,
        wrong: &mut Vec<FieldInvalid>,
    ) -> Result<Option<Audience>, ReadError> {
        Ok(match target {
            Some(Target::Criteria(conditions)) => Some(Audience::Criteria(conditions.clone())),
            Some(Target::Leads(ids)) => Some(Audience::Leads(ids.clone())),
            Some(Target::Segment(id)) => {
                let segment: Option<Segment> = there(self.table().get(grant, *id).await)?;
                if segment.is_none() {
                    wrong.push(FieldInvalid::new("segment_id", Invalid::new("unknown_segment", "is no segment")));
                }
                segment.map(|segment| segment.audience)
            }
            None => {
                wrong.push(FieldInvalid::new("target_criteria", Invalid::required()));
                None
            }
        })
    }

    /// What became of a campaign's messages, and of those of each of its variants in their order: 1 `BatchGetItem`. It
    /// follows a message within moments.
    pub async fn campaign_figures(
        &self,
        grant: &Grant,
        campaign: &Campaign,
    ) -> Result<(CampaignFigures, Vec<CampaignFigures>), StoreError> {
        let variants = campaign.experiment.iter().flat_map(|experiment| &experiment.variants);
        let dimensions: Vec<String> = std::iter::once(figures_of(campaign.id, None))
            .chain(variants.map(|variant| figures_of(campaign.id, Some(&variant.key))))
            .collect();
        let rows = self.table().counts_of(grant, CAMPAIGN_FIGURES, &dimensions).await?;
        let mut figures = rows.iter().map(|row| CampaignFigures::read(row.n, &row.parts));
        Ok((figures.next().unwrap_or_default(), figures.collect()))
    }

    /// Hands a campaign to its queue. One that it does not take is found by the clock.
    pub async fn send_campaign(&self, campaign: &Campaign) {
        let work = CampaignWork::GoOn { campaign: campaign.id };
        let step = CampaignStep { organization: campaign.meta.organization, work };
        let sent = match self.launches() {
            Ok(queue) => queue.send(&step).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = sent {
            tracing::warn!(campaign = %campaign.id, error, "the clock will go on with a campaign");
        }
    }
}

/// Whom a campaign is for that asks nothing of them.
pub fn everybody() -> Target {
    Target::Criteria(Conditions::default())
}

/// What each variant says, by its name; the campaign's own of the empty name where there are none.
fn contents(campaign: &Campaign) -> Vec<(String, CampaignContent)> {
    let variants = campaign.experiment.as_ref().map(|experiment| experiment.variants.as_slice()).unwrap_or_default();
    if variants.is_empty() {
        return vec![(String::new(), campaign.content.clone())];
    }
    variants.iter().map(|variant| (variant.key.clone(), variant.content.over(&campaign.content))).collect()
}

/// What a content says over each channel of a campaign.
fn words_of(
    campaign: &Campaign,
    content: &CampaignContent,
    templates: &HashMap<TemplateId, Template>,
) -> Result<BTreeMap<String, Words>, Vec<FieldInvalid>> {
    let mut wrong = Vec::new();
    let mut chosen: BTreeMap<&str, &Template> = BTreeMap::new();
    let named = content.template.iter().map(|id| ("content.template_id".to_owned(), None, id));
    let by_channel = content.templates.iter();
    let named =
        named.chain(by_channel.map(|(name, id)| (format!("content.templates.{name}"), Some(name.as_str()), id)));
    for (field, channel, id) in named {
        match usable(campaign, channel, templates.get(id)) {
            Ok(template) => {
                chosen.insert(template.channel.as_str(), template);
            }
            Err(invalid) => wrong.push(FieldInvalid::new(field, invalid)),
        }
    }
    let mut words = BTreeMap::new();
    for channel in campaign.channels.iter().copied() {
        match (chosen.get(channel.as_str()), content.own_words(channel)) {
            (Some(template), _) => {
                let subject = content.subject.clone().filter(|_| channel == ContactChannel::Email);
                let mut said = template.content.clone();
                said.subject = subject.or(said.subject);
                let language = template.language.clone();
                let template = Some((template.id, template.revision));
                words.insert(channel.to_string(), Words { template, language, content: said });
            }
            (None, Some(said)) => {
                wrong.extend(if campaign.personalization { unwritable(&said) } else { Vec::new() });
                words.insert(
                    channel.to_string(),
                    Words { template: None, language: LANGUAGE.to_owned(), content: said },
                );
            }
            (None, None) => {
                let field = if content.body.is_some() { "subject" } else { "content" };
                let why = Invalid::new("required", format!("or a template is required for {channel}"));
                if !wrong.iter().any(|known: &FieldInvalid| known.field == field) {
                    wrong.push(FieldInvalid::new(field, why));
                }
            }
        }
    }
    if wrong.is_empty() { Ok(words) } else { Err(wrong) }
}

/// A template that can say what a campaign says over one of its channels.
fn usable<'a>(
    campaign: &Campaign,
    channel: Option<&str>,
    template: Option<&'a Template>,
) -> Result<&'a Template, Invalid> {
    let template = template.ok_or_else(|| Invalid::new("unknown_template", "is no template"))?;
    let is_of = |channel: &str| template.channel.as_str() == channel;
    if channel.is_some_and(|channel| !is_of(channel)) || !campaign.channels.iter().any(|one| is_of(one.as_str())) {
        return Err(Invalid::new("other_channel", "is of another channel"));
    }
    // WhatsApp sends none that it did not approve; what nobody handed in there is known to the provider alone.
    if template.content.held.is_some() && template.approval == Some(TemplateApproval::Rejected) {
        return Err(Invalid::new("not_approved", "was rejected by the provider"));
    }
    match template.content.values(&Map::new()) {
        Ok(_) => Ok(template),
        Err(_) => {
            Err(Invalid::new("needs_values", "has variables that must be handed in, and a campaign hands in none"))
        }
    }
}

/// What of own words is no template, by the fields that they came in.
fn unwritable(content: &Content) -> Vec<FieldInvalid> {
    let knows = |name: &str| content.knows(name);
    let parts = [
        ("subject", content.subject.as_ref().map(domain::Line::as_str), Written::Text),
        ("content", Some(content.body.as_str()), Written::Text),
        ("content.html", content.html.as_ref().map(domain::Prose::as_str), Written::Html),
    ];
    let check = |(field, source, written): (&str, Option<&str>, Written)| {
        Some(check(source?, written, &knows).err()?.of(field))
    };
    parts.into_iter().filter_map(check).collect()
}
