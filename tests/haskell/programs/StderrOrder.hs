-- stdout and stderr in turn, each line-buffered: on one console the lines keep their order and
-- are never mixed. Catches a console that reorders.
module Main (main) where

import Control.Monad
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  hSetBuffering stderr LineBuffering
  forM_ [1 .. 20 :: Int] $ \n -> do
    let h = if n `mod` 3 == 0 then stderr else stdout
    hPutStr h ("line " ++ show n)
    hPutStr h (" of " ++ show (20 :: Int))
    hPutStrLn h ""
  hPutStrLn stderr (replicate 300 'e')
  putStrLn (replicate 3000 'o')
