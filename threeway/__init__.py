"""threeway compares three ways to classify images: a CNN from scratch, frozen MobileNetV2
features with a new head, and fine-tuned MobileNetV2.

The way of an image from its file to the verdict:

 1. intake.labelling.label_source says its class, by folder or table;
 2. intake.decoding.decode_image opens it, intake.copies.digest_pixels names it: index.csv;
 3. intake.splitting.assign_splits says what it is for: train, val or test;
 4. intake.decoding.prepare_image makes pixels of it, here and wherever it is predicted: images.npy;
 5. examples.augmentation.fresh_views shows it otherwise, by its name and the number of the view;
 6. networks.embedding.embed makes features of it and of its views: features.npy;
 7. training.runs.train_run learns from it, and model.saved.save_trained keeps what was learnt;
 8. model.saved.Loader and predictions.tabulate make its row of predictions.csv;
 9. evidence.comparison.compare_scenarios and evidence.significance.compare_pairs count it;
10. evidence.decision.decide says what to use, evidence.verdict.judge and reading.report why;
11. training.refit.train_chosen trains that once more, on all images, model.taken_home.write_model
    makes files of it, and model.classifier.Classifier answers by them.
"""
