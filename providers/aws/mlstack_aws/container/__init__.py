"""What runs in the containers of jobs: files that go to them beside the user's own code."""
