//! A page of people, each over the first channel that reaches them.

use std::num::NonZeroU32;

use domain::campaign::{Arm, Begun, Campaign, Pass, Tally};
use domain::{Grant, Lead, LeadPipeline};
use jiff::SignedDuration;
use runtime::Platform;
use store::{AudiencePage, AudienceQuery, Cursor};

use crate::Undone;
use crate::choose::choose;
use crate::planned::{Planned, write};
use crate::reach::{Person, Said, bucket};

/// What was planned, and the place behind it; `None` at the end of the audience.
pub(crate) struct Paged {
    pub(crate) tally: Tally,
    pub(crate) next: Option<String>,
}

/// Plans the people behind the campaign's place: 1 Query (or 1 `BatchGetItem` a 100 of a list), 1 read, 1 `BatchGetItem` a
/// 100 of those who work on them and a 32 of them for each channel, and 1 transaction a 16 of them. `None` where it has not
/// begun.
pub(crate) async fn page(
    platform: &Platform,
    grant: &Grant,
    campaign: &Campaign,
    at_most: u32,
) -> Result<Option<Paged>, Undone> {
    let Some((launch, begun)) = campaign.launch.as_ref().and_then(|launch| Some((launch, launch.begun.as_ref()?)))
    else {
        return Ok(None);
    };
    let Some(theirs) = grant.over(&launch.rows) else { return Ok(None) };
    let Begun { at, audience, words: _ } = begun;
    let asked = AudienceQuery {
        cursor: campaign.progress.place.as_deref().map(Cursor::behind),
        skip: 0,
        limit: NonZeroU32::new(at_most).unwrap_or(NonZeroU32::MIN),
        newest_first: false,
        // Who becomes a lead later is not in it, so that it ends.
        until: Some(*at + SignedDuration::from_micros(1)),
    };
    let pipeline = async {
        let id = LeadPipeline::id_of(grant.organization());
        platform.table().get::<LeadPipeline>(grant, id).await
    };
    let AudiencePage { page, .. } =
        Box::pin(platform.table().audience(&theirs, audience, &asked, platform.now(), pipeline)).await?;
    let (mut people, mut held_out) = (Vec::new(), Vec::new());
    for lead in page.records {
        match share(platform, campaign, &lead) {
            Share::Says(variant) => people.push(Person { lead, variant }),
            Share::HeldOut => held_out.push(Person { lead, variant: String::new() }),
            Share::NotNow => {}
        }
    }
    let said = Said::to(platform, grant, (campaign, launch), &people).await?;
    let mut planned: Vec<Planned> = held_out.iter().map(|person| Planned::held_out(&said, person)).collect();
    let chosen = choose(grant, &said, campaign.channels.iter().copied(), people).await?;
    planned.extend(chosen.into_iter().map(|chosen| Planned::chosen(&said, chosen)));
    let tally = write(platform, grant, planned, said.now).await?;
    Ok(Some(Paged { tally, next: page.next.map(|next| next.place().to_owned()) }))
}

/// What somebody gets in the pass that the campaign is in.
enum Share {
    /// This variant; the empty name where there are none.
    Says(String),
    /// Nothing, so that one can see what they do by themselves.
    HeldOut,
    /// What another pass gives them.
    NotNow,
}

fn share(platform: &Platform, campaign: &Campaign, lead: &Lead) -> Share {
    let Some(experiment) = &campaign.experiment else { return Share::Says(String::new()) };
    match (experiment.arm(bucket(platform, campaign, lead)), campaign.progress.pass) {
        (Arm::HeldOut, Pass::First) => Share::HeldOut,
        (Arm::Says(number), Pass::First) => {
            let variant = number.and_then(|number| experiment.variants.get(number));
            Share::Says(variant.map(|variant| variant.key.clone()).unwrap_or_default())
        }
        (Arm::Waits, Pass::Rest) => {
            Share::Says(campaign.progress.winner.as_ref().map(|winner| winner.key.clone()).unwrap_or_default())
        }
        (Arm::Waits, Pass::First) | (Arm::HeldOut | Arm::Says(_), Pass::Rest) => Share::NotNow,
    }
}
