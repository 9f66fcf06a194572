"""Decentralized methods: graph spectra, gossip, decentralized SGD, and random matchings."""
