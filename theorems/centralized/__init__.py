"""Workers that share one centre: parallel, delayed, federated, elastic and leader methods."""
