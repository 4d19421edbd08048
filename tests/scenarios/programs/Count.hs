-- | Two domains that each add one to a number in XenStore, some times, by reading it and writing it:
-- when both read before either writes, one is lost. The first domain looks whether the sum is right.
module Main (main) where

import Control.Exception
import Control.Monad
import System.Environment
import System.Exit

import Domains

rounds :: Int
rounds = 3

main :: IO ()
main = do
  role : first : second : _ <- getArgs
  let count = "/local/domain/" ++ first ++ "/data/count"
      finished = "/local/domain/" ++ first ++ "/data/finished"
      look path = either (const Nothing) Just <$> (try (storeRead path) :: IO (Either IOException String))
      increment = storeRead count >>= storeWrite count . show . (+ 1) . (read :: String -> Int)
  when (role == "a") $ forM_ [finished, count] $ \path -> do
    storeWrite path "0"
    storeShare path (read first) (read second)
  -- The other may read it when it may write it.
  _ <- storeAwait count (look count)
  replicateM_ rounds increment
  if role == "b"
    then storeWrite finished "1"
    else do
      storeAwait finished ((>>= guard . (== "1")) <$> look finished)
      sumOfAll <- read <$> storeRead count
      when (sumOfAll /= 2 * rounds) $ do
        putStrLn ("counted " ++ show sumOfAll ++ " of " ++ show (2 * rounds))
        exitFailure
