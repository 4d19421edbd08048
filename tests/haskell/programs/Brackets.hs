-- bracket, finally and onException release in the right order when the body throws. Catches
-- handlers that run twice, late or not at all.
module Main (main) where

import Control.Exception

main :: IO ()
main = do
  r <- try (bracket (say "acquire" >> return 7) (\n -> say ("release " ++ show n)) (\n -> say "body" >> return (n + 1 :: Int)))
  print (r :: Either ErrorCall Int)
  r2 <- try (bracket (say "acquire") (\_ -> say "release") (\_ -> say "body" >> throwIO (ErrorCall "broken")))
  print (r2 :: Either ErrorCall ())
  r3 <- try ((say "one" `finally` say "two") `finally` throwIO (ErrorCall "in finally"))
  print (r3 :: Either ErrorCall ())
  r4 <- try (throwIO (ErrorCall "x") `onException` say "on exception")
  print (r4 :: Either ErrorCall ())
  r5 <- try (bracketOnError (return ()) (\_ -> say "not released") (\_ -> return 'k'))
  print (r5 :: Either ErrorCall Char)
  r6 <- try (bracket_ (say "in") (say "out" >> throwIO (ErrorCall "from release")) (throwIO (ErrorCall "from body")))
  print (r6 :: Either ErrorCall ())
  where
    say = putStrLn :: String -> IO ()
