//! The mistakes of `fail/`, mended: each module is called like its file.

#![allow(dead_code)]

use koprs_external::ExternalSource;
use serde::Deserialize;

mod object_store_and_http {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod object_store_distinct_without_partial_eq {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/"), interval = "30s", distinct)]
    pub struct Flags(Vec<String>);
}

mod object_store_glob_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        object_store(url = "s3://models/", include("a/*.{yaml,yml}"), exclude("*.csv")),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod object_store_interval_short {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "file:///var/models/"), interval = "1s")]
    pub struct Flags(Vec<String>);
}

mod object_store_limit_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        object_store(
            url = "s3://models/",
            settle = "23h",
            concurrency = 256,
            listing_concurrency = 1,
            object_limit = 1
        ),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod object_store_option_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/", option("aws_region" = "eu-west-1")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod object_store_option_in_the_block {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/", option("region" = "eu-west-1")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod object_store_option_unknown {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/", option("aws_token" = env("TOKEN"))), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod object_store_option_value_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/", option("timeout" = "30s", "aws_allow_http" = true, "bucket" = "models", "http2_max_frame_size" = 16384), include("[a-z]*")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod object_store_url_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/production/"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod object_store_url_missing {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/", include("*.yaml")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod object_store_with_a_list {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/"), interval = "30s", decode = yaml)]
    pub struct Flags(Vec<String>);
}

mod one_mistake_one_error {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags/{id}"), params(id: u64), interval = "30s")]
    pub struct Flags(Vec<String>);
}

fn main() {
    assert!(object_store_and_http::Flags::spec().is_ok());
    assert!(object_store_distinct_without_partial_eq::Flags::spec().is_ok());
    assert!(object_store_glob_bad::Flags::spec().is_ok());
    assert!(object_store_interval_short::Flags::spec().is_ok());
    assert!(object_store_limit_bad::Flags::spec().is_ok());
    assert!(object_store_option_bad::Flags::spec().is_ok());
    assert!(object_store_option_in_the_block::Flags::spec().is_ok());
    assert!(object_store_option_unknown::Flags::spec().is_ok());
    assert!(object_store_option_value_bad::Flags::spec().is_ok());
    assert!(object_store_url_bad::Flags::spec().is_ok());
    assert!(object_store_url_missing::Flags::spec().is_ok());
    assert!(object_store_with_a_list::Flags::spec().is_ok());
    assert!(one_mistake_one_error::Flags::spec(7).is_ok());
}
